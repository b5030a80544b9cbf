package io.postbrake.cli;

import io.postbrake.wire.Right;
import io.postbrake.wire.Role;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.resource.PatternType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The least rights of each role, for whoever administers a cluster. */
@Command(
        name = "acls",
        mixinStandardHelpOptions = true,
        description = "Print the least rights of each role on brokers and registry; with --apply, grant them.")
final class TopicAclsCommand implements Callable<Integer> {

    /** A quote would end the one that the printed commands have around it. */
    private static final Pattern PRINCIPAL = Pattern.compile("[A-Za-z]+:[^'\\p{Cntrl}]*[^'*\\p{Cntrl}][^'\\p{Cntrl}]*");

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            completionCandidates = Roles.class,
            description = "Of this role only: ${COMPLETION-CANDIDATES}.")
    private String role;

    @Option(
            names = "--principal",
            paramLabel = "User:NAME",
            description = "As Kafka's own commands that grant the rights of --role to this principal.")
    private String principal;

    @Option(names = "--apply", description = "Grant --principal the rights of --role; takes none away.")
    private boolean apply;

    @Option(
            names = "--application-id",
            defaultValue = "postbrake-detector",
            description = "The detector's application.id; default ${DEFAULT-VALUE}.")
    private String applicationId;

    @Option(
            names = "--host-id",
            paramLabel = "ID",
            description =
                    "The mail host that an agent or enforcer is on; default any, for a principal that hosts share.")
    private String hostId;

    @Option(names = "--raw-lines", description = "The detector also reads the topic of raw lines.")
    private boolean rawLines;

    @Option(names = "--console-words", description = "Operators have tokens for the detector's console.")
    private boolean consoleWords;

    @Option(names = "--json", description = "As JSON.")
    private boolean json;

    @Mixin
    private ClusterOptions cluster;

    @Spec
    private CommandSpec spec;

    /** Names of the roles. */
    static final class Roles implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(Role.values()).map(Role::id).iterator();
        }
    }

    @Override
    public Integer call() throws Exception {
        var scope = new Role.Scope(applicationId, hostId, rawLines, consoleWords);
        List<Role> roles = role == null ? List.of(Role.values()) : List.of(known(role));
        if ((apply || principal != null) && role == null) {
            throw new IllegalArgumentException("--role is missing: say which role the principal has");
        }
        if (apply && principal == null) {
            throw new IllegalArgumentException("--principal is missing: say to whom the rights are to be granted");
        }
        if (principal != null && !PRINCIPAL.matcher(principal).matches()) {
            throw new IllegalArgumentException("--principal is '" + Text.plain(principal)
                    + "': give one such as User:mx1, without quotes, and not everybody");
        }
        if (apply) {
            grant(roles.get(0).rights(scope));
        }
        print(roles, scope);
        return ExitCodes.DONE;
    }

    private static Role known(String id) {
        return Stream.of(Role.values())
                .filter(role -> role.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--role is '" + Text.plain(id) + "': known are " + String.join(", ", new Roles())));
    }

    private void grant(List<Right> rights) throws Exception {
        try (Admin admin = Admin.create(cluster.kafka())) {
            admin.createAcls(rights.stream().map(right -> right.of(principal)).toList())
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private void print(List<Role> roles, Role.Scope scope) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            roles.forEach(each -> all.put(each.id(), fields(each, scope)));
            Json.print(out, all);
        } else if (apply) {
            out.println(principal + " has the rights of " + roles.get(0).id() + ":");
            table(roles, scope).forEach(out::println);
        } else if (principal != null) {
            roles.get(0)
                    .rights(scope)
                    .forEach(right -> out.println(
                            "kafka-acls --bootstrap-server \"$BROKERS\" --command-config \"$ADMIN\" --add --allow-principal '"
                                    + principal + "' " + right.options()));
        } else {
            table(roles, scope).forEach(out::println);
        }
        out.flush();
    }

    private static Map<String, Object> fields(Role role, Role.Scope scope) {
        List<Map<String, String>> rights = new ArrayList<>();
        for (Right right : role.rights(scope)) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("resource", right.resource().name());
            fields.put("name", right.name());
            fields.put("pattern", right.pattern().name());
            fields.put("operation", right.operation().name());
            rights.add(fields);
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("brokers", rights);
        fields.put(
                "registry",
                Map.of(
                        "readsById",
                        role.subjectsRead(scope),
                        "looksUp",
                        role.subjectsLookedUp(scope),
                        "registers",
                        Set.of()));
        return fields;
    }

    private static List<String> table(List<Role> roles, Role.Scope scope) {
        var table = new Table();
        table.row("ROLE", "ON", "NAME", "RIGHTS");
        for (Role role : roles) {
            for (Row row : rows(role, scope)) {
                table.row(role.id(), row.on(), row.name(), row.rights());
            }
        }
        return table.lines();
    }

    /** What a role may do on one thing. */
    record Row(String on, String name, String rights) {}

    /** A row a resource; a name that ends in {@code *} stands for all that begin so. */
    static List<Row> rows(Role role, Role.Scope scope) {
        Map<List<String>, String> grouped = role.rights(scope).stream()
                .collect(Collectors.groupingBy(
                        right -> List.of(
                                right.resource().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                                right.name() + (right.pattern() == PatternType.PREFIXED ? "*" : "")),
                        LinkedHashMap::new,
                        Collectors.mapping(Right::operationName, Collectors.joining(", "))));
        List<Row> rows = new ArrayList<>();
        grouped.forEach((thing, rights) -> rows.add(new Row(thing.get(0), thing.get(1), rights)));
        role.subjectsLookedUp(scope).forEach(subject -> rows.add(new Row("registry", subject, "look up")));
        if (!role.subjectsRead(scope).isEmpty()) {
            rows.add(new Row("registry", "schemas by id", "read"));
        }
        return rows;
    }
}
