package io.postbrake.cli.postfix;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The lines that make Postfix consult the tables, with what stands in the same lists already behind the checks. */
final class SetupLines {

    private static final String RECIPIENT = "smtpd_recipient_restrictions";
    /** Postfix refuses all mail unless one of its lists says who may not relay. */
    private static final String CLOSED = "permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination";

    private SetupLines() {}

    /** Lines for main.cf and master.cf. */
    static List<String> of(PostfixSettings settings, Tables tables) {
        List<String> lines = new ArrayList<>(List.of("# main.cf"));
        Map<String, String> checks = checks(tables);
        checks.forEach(
                (list, check) -> lines.add(list + " = " + joined(check, rest(settings, null, list, check), ", ")));
        for (Service service : settings.smtpd()) {
            List<String> own = checks.keySet().stream()
                    .filter(service.overrides()::containsKey)
                    .toList();
            if (!own.isEmpty()) {
                lines.add("");
                lines.add("# master.cf, in place of the same options of " + service.name());
                own.forEach(list -> lines.add("  -o "
                        + list
                        + "="
                        + joined(checks.get(list), rest(settings, service, list, checks.get(list)), ",")
                                .replaceAll(",? +", ",")));
            }
        }
        return lines;
    }

    private static Map<String, String> checks(Tables tables) {
        Map<String, String> checks = new LinkedHashMap<>();
        checks.put(RECIPIENT, "check_sasl_access " + tables.accounts());
        checks.put("smtpd_end_of_data_restrictions", "check_sasl_access " + tables.accounts());
        checks.put(
                "smtpd_client_restrictions",
                "check_client_access " + tables.clients() + ", check_client_access " + tables.ranges());
        return checks;
    }

    /** What a list has beside our checks, as it is written: names in it stay names. */
    private static String rest(PostfixSettings settings, Service service, String list, String checks) {
        String rest = service == null
                ? settings.main().getOrDefault(list, "")
                : service.overrides().get(list);
        for (String check : checks.split(", ")) {
            rest = rest.replaceAll(Pattern.quote(check).replace(" ", "\\E[,\\s]+\\Q") + "(?![\\w.-])[,\\s]*", "");
        }
        boolean relayIsOpen = settings.main()
                .getOrDefault("smtpd_relay_restrictions", "the default")
                .isEmpty();
        return rest.isEmpty() && relayIsOpen && list.equals(RECIPIENT) ? CLOSED : rest;
    }

    private static String joined(String check, String rest, String separator) {
        return rest.isEmpty() ? check : check + separator + rest;
    }
}
