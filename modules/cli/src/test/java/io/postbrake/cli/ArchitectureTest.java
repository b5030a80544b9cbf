package io.postbrake.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The directions of dependency between modules. */
@AnalyzeClasses(packages = "io.postbrake", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule parserIsPure = noClasses()
            .that()
            .resideInAnyPackage("io.postbrake.postfixlog..", "io.postbrake.dovecotlog..", "io.postbrake.logline..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "io.postbrake.wire..", "io.postbrake.detection..");

    @ArchTest
    static final ArchRule dovecotsTextsKnowNothingOfPostfix = noClasses()
            .that()
            .resideInAnyPackage("io.postbrake.dovecotlog..", "io.postbrake.logline..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.postbrake.postfixlog..");

    /** Shipper and enforcer share it; neither the parser nor the enforcer's work without a broker may pull Kafka in by it. */
    @ArchTest
    static final ArchRule tailerKnowsFilesOnly = noClasses()
            .that()
            .resideInAPackage("io.postbrake.logtail..")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.postbrake..")
                    .and(JavaClass.Predicates.resideOutsideOfPackage("io.postbrake.logtail..")))
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    /** What hosts, detector and command line must agree on hangs on none of them. */
    @ArchTest
    static final ArchRule subjectsArePure = noClasses()
            .that()
            .resideInAPackage("io.postbrake.subject..")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.postbrake..")
                    .and(JavaClass.Predicates.resideOutsideOfPackage("io.postbrake.subject..")))
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule detectionIsPure = noClasses()
            .that()
            .resideInAPackage("io.postbrake.detection..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "io.postbrake.wire..", "io.postbrake.postfixlog..");

    /** Time enters the core only as data. */
    @ArchTest
    static final ArchRule detectionHasNoClock = noClasses()
            .that()
            .resideInAPackage("io.postbrake.detection..")
            .should()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(java.time.Clock.class);

    @ArchTest
    static final ArchRule replayRunsWithoutABroker = noClasses()
            .that()
            .resideInAPackage("io.postbrake.replay..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "io.postbrake.wire..", "io.postbrake.streams..");

    @ArchTest
    static final ArchRule connectorsDoNotSeeStreams = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.postbrake.postfixsource..",
                    "io.postbrake.policysink..",
                    "io.postbrake.alertmanagersink..",
                    "io.postbrake.compactedtopic..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.postbrake.streams..", "io.postbrake.detection..", "org.apache.kafka.streams..");

    @ArchTest
    static final ArchRule onlyWireKnowsTheRegistryClient = noClasses()
            .that()
            .resideOutsideOfPackage("io.postbrake.wire..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.flink..");

    @ArchTest
    static final ArchRule onlyLocalSeesApp = noClasses()
            .that()
            .resideOutsideOfPackages("io.postbrake.app..", "io.postbrake.local..", "io.postbrake.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.postbrake.app..");

    /** A connector runs in a worker of its own: it brings the wire; to read logs, the parser; to be asked, the listener. */
    @ArchTest
    static final ArchRule connectorsSeeOnlyWhatTheyShip = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.postbrake.postfixsource..",
                    "io.postbrake.policysink..",
                    "io.postbrake.alertmanagersink..",
                    "io.postbrake.compactedtopic..")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.postbrake..")
                    .and(JavaClass.Predicates.resideOutsideOfPackages(
                            "io.postbrake.postfixsource..",
                            "io.postbrake.policysink..",
                            "io.postbrake.alertmanagersink..",
                            "io.postbrake.compactedtopic..",
                            "io.postbrake.wire..",
                            "io.postbrake.mail..",
                            "io.postbrake.http..",
                            "io.postbrake.postfixlog..",
                            "io.postbrake.logtail..",
                            "io.postbrake.subject..",
                            "io.postbrake.settings..",
                            "io.postbrake.event..",
                            "io.postbrake.alert..",
                            "io.postbrake.block..",
                            "io.postbrake.finding..")));

    @ArchTest
    static final ArchRule connectorsDoNotSeeEachOther = slices().matching(
                    "io.postbrake.(postfixsource|policysink|alertmanagersink)..")
            .should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule onlyCliSeesLocal = noClasses()
            .that()
            .resideOutsideOfPackages("io.postbrake.local..", "io.postbrake.cli..", "io.postbrake.benchmarks..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.postbrake.local..");

    @ArchTest
    static final ArchRule nothingKnowsTheCommandLine = noClasses()
            .that()
            .resideOutsideOfPackage("io.postbrake.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.postbrake.cli..");

    @ArchTest
    static final ArchRule geographyIsPure = noClasses()
            .that()
            .resideInAPackage("io.postbrake.geo..")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.postbrake..")
                    .and(JavaClass.Predicates.resideOutsideOfPackages("io.postbrake.geo..", "io.postbrake.subject..")))
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    /**
     * Blocks, alerts and findings come out of the topology alone: whoever else could write them has no producer. Operators'
     * words, from the command line, the console or a first start, and the enforcers' reports have a topic each.
     */
    @ArchTest
    static final ArchRule onlyOneWriterATopic = noClasses()
            .that()
            .resideInAPackage("io.postbrake..")
            .and()
            .doNotHaveFullyQualifiedName("io.postbrake.wire.OverrideProducer")
            .and()
            .doNotHaveFullyQualifiedName("io.postbrake.cli.ControlTopic")
            .and()
            .doNotHaveFullyQualifiedName("io.postbrake.local.FirstWatch")
            .and()
            .doNotHaveFullyQualifiedName("io.postbrake.cli.LearnCommand")
            .and()
            .doNotHaveFullyQualifiedName("io.postbrake.policysink.Reporter")
            .and()
            .doNotHaveFullyQualifiedName("io.postbrake.agent.FleetCounts")
            .and()
            .doNotHaveFullyQualifiedName("io.postbrake.app.RestingClients") // Kafka Streams' own
            .and()
            .doNotHaveFullyQualifiedName("io.postbrake.cli.Farewells") // of hosts that cannot report it themselves
            .and()
            .doNotHaveFullyQualifiedName(
                    "io.postbrake.app.DeadLetterProducer") // of the dead letters, which are everybody's
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.apache.kafka.clients.producer.KafkaProducer");

    /** It answers while mail waits, whatever becomes of brokers, registry and detection. */
    @ArchTest
    static final ArchRule policyServerNeedsNobody = noClasses()
            .that()
            .resideInAPackage("io.postbrake.policyserver..")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.postbrake..")
                    .and(JavaClass.Predicates.resideOutsideOfPackages(
                            "io.postbrake.policyserver..", "io.postbrake.subject..", "io.postbrake.settings..")))
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule modulesHaveNoCycles =
            slices().matching("io.postbrake.(*)..").should().beFreeOfCycles();
}
