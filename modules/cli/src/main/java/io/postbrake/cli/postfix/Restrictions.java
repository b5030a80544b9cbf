package io.postbrake.cli.postfix;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A list of access restrictions (SMTPD_ACCESS_README), in the order in which Postfix goes through it. */
final class Restrictions {

    /** Restrictions that take an argument. */
    private static final Set<String> WITH_ARGUMENT = Set.of(
            "check_client_access",
            "check_client_a_access",
            "check_client_mx_access",
            "check_client_ns_access",
            "check_reverse_client_hostname_access",
            "check_reverse_client_hostname_a_access",
            "check_reverse_client_hostname_mx_access",
            "check_reverse_client_hostname_ns_access",
            "check_ccert_access",
            "check_sasl_access",
            "check_helo_access",
            "check_helo_a_access",
            "check_helo_mx_access",
            "check_helo_ns_access",
            "check_sender_access",
            "check_sender_a_access",
            "check_sender_mx_access",
            "check_sender_ns_access",
            "check_recipient_access",
            "check_recipient_a_access",
            "check_recipient_mx_access",
            "check_recipient_ns_access",
            "check_etrn_access",
            "check_policy_service",
            "reject_rbl_client",
            "reject_rhsbl_client",
            "reject_rhsbl_reverse_client",
            "reject_rhsbl_helo",
            "reject_rhsbl_sender",
            "reject_rhsbl_recipient",
            "permit_dnswl_client",
            "permit_rhswl_client",
            "sleep");

    /** What lets a logged-in client through before the rest of its list is asked. */
    private static final Set<String> LETS_THROUGH = Set.of(
            "permit",
            "permit_sasl_authenticated",
            "permit_mynetworks",
            "permit_tls_clientcerts",
            "permit_tls_all_clientcerts",
            "permit_auth_destination",
            "permit_mx_backup",
            "permit_inet_interfaces",
            "permit_naked_ip_address",
            "permit_dnswl_client",
            "permit_rhswl_client");

    /** The check that a table without one means, by list; of clients in all others. */
    private static final Map<String, String> ABOUT = Map.of(
            "smtpd_helo_restrictions", "check_helo_access",
            "smtpd_sender_restrictions", "check_sender_access",
            "smtpd_relay_restrictions", "check_recipient_access",
            "smtpd_recipient_restrictions", "check_recipient_access",
            "smtpd_etrn_restrictions", "check_etrn_access");

    /**
     * One step.
     *
     * @param argument table or service; empty without
     * @param onlyWarns whether {@code warn_if_reject} stands before it
     */
    record Step(String name, String argument, boolean onlyWarns) {
        boolean checks(String check, String table) {
            return name.equals(check) && (argument.equals(table) || argument.equals("proxy:" + table));
        }

        /** Whether it may end the list with a permission for a client that is logged in. */
        boolean letsThrough() {
            return LETS_THROUGH.contains(name);
        }

        /** Whether it may answer OK, as far as its table or service is not known. */
        boolean mayLetThrough() {
            return name.startsWith("check_") && !name.equals("check_sasl_access");
        }

        @Override
        public String toString() {
            return argument.isEmpty() ? name : name + " " + argument;
        }
    }

    private Restrictions() {}

    static boolean takesArgument(String name) {
        return WITH_ARGUMENT.contains(name.toLowerCase(Locale.ROOT));
    }

    /** The steps of a list; classes of {@code smtpd_restriction_classes} are replaced by what they stand for. */
    static List<Step> of(PostfixSettings settings, PostfixSettings.Service service, String parameter) {
        List<String> classes = Words.of(settings.of(service, "smtpd_restriction_classes"));
        List<Step> result = new ArrayList<>();
        add(result, settings, service, parameter, settings.of(service, parameter), classes, 5);
        return result;
    }

    /** Where in a list the check of this table stands; -1 when it does not. */
    static int position(
            PostfixSettings settings, PostfixSettings.Service service, String list, String check, String table) {
        List<Step> steps = of(settings, service, list);
        for (int i = 0; i < steps.size(); i++) {
            if (steps.get(i).checks(check, table)) {
                return i;
            }
        }
        return -1;
    }

    private static void add(
            List<Step> into,
            PostfixSettings settings,
            PostfixSettings.Service service,
            String parameter,
            String list,
            List<String> classes,
            int depth) {
        List<String> words = Words.of(list);
        boolean warns = false;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String name = word.toLowerCase(Locale.ROOT);
            if (name.equals("warn_if_reject")) {
                warns = true;
                continue;
            }
            if (classes.contains(word) && depth > 0) {
                add(into, settings, service, parameter, settings.of(service, word), classes, depth - 1);
            } else if (WITH_ARGUMENT.contains(name) && i + 1 < words.size()) {
                into.add(new Step(name, words.get(++i), warns));
            } else if (word.indexOf(':') > 0 && !word.startsWith("{")) {
                // A bare table is asked as what its list is about.
                into.add(new Step(ABOUT.getOrDefault(parameter, "check_client_access"), word, warns));
            } else {
                into.add(new Step(name, "", warns));
            }
            warns = false;
        }
    }
}
