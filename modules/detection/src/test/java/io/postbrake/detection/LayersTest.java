package io.postbrake.detection;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;

/** Which package of the detection may use which: each one those below it, and nothing back up. */
@AnalyzeClasses(packages = "io.postbrake.detection", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {

    @ArchTest
    static final ArchRule everyClassHasARoomAndEachRoomUsesThoseBelowIt = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .ensureAllClassesAreContainedInArchitecture()
            .layer("subject")
            .definedBy("io.postbrake.detection.subject")
            .layer("parameter")
            .definedBy("io.postbrake.detection.parameter")
            .layer("profile")
            .definedBy("io.postbrake.detection.profile")
            .layer("detector")
            .definedBy("io.postbrake.detection.detector")
            .layer("notice")
            .definedBy("io.postbrake.detection.notice")
            .layer("config")
            .definedBy("io.postbrake.detection.config")
            .layer("brake")
            .definedBy("io.postbrake.detection.brake")
            .layer("decision")
            .definedBy("io.postbrake.detection.decision")
            .layer("correlation")
            .definedBy("io.postbrake.detection.correlation")
            .layer("hosts")
            .definedBy("io.postbrake.detection.hosts")
            .layer("runtime")
            .definedBy("io.postbrake.detection.runtime")
            .whereLayer("subject")
            .mayNotAccessAnyLayer()
            .whereLayer("parameter")
            .mayNotAccessAnyLayer()
            .whereLayer("correlation")
            .mayOnlyAccessLayers("subject")
            .whereLayer("profile")
            .mayOnlyAccessLayers("subject", "parameter")
            .whereLayer("detector")
            .mayOnlyAccessLayers("subject", "parameter", "profile")
            .whereLayer("config")
            .mayOnlyAccessLayers("subject", "parameter", "profile", "detector")
            .whereLayer("notice")
            .mayOnlyAccessLayers("subject")
            .whereLayer("brake")
            .mayOnlyAccessLayers("subject", "config", "notice")
            .whereLayer("hosts")
            .mayOnlyAccessLayers("subject", "config")
            .whereLayer("decision")
            .mayOnlyAccessLayers("subject", "notice", "config", "profile", "detector", "brake")
            .whereLayer("runtime")
            .mayOnlyAccessLayers("subject", "notice", "config", "correlation", "brake", "decision");

    /** What people write is read in one room; and no file is, anywhere here. */
    @ArchTest
    static final ArchRule onlyParametersAreReadAsSettingsAre = noClasses()
            .that()
            .resideOutsideOfPackage("io.postbrake.detection.parameter")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.postbrake.settings", "com.fasterxml.jackson..", "org.yaml..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.postbrake.settings.Settings");

    @ArchTest
    static final ArchRule noPackagesUseEachOther =
            slices().matching("io.postbrake.detection.(*)..").should().beFreeOfCycles();
}
