package io.postbrake.cli.postfix;

import io.postbrake.cli.postfix.PostfixSettings.Service;
import io.postbrake.cli.postfix.Restrictions.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The policy server as Postfix's lists name it: how to ask it, and whether it is asked so that a ceiling holds and mail goes on
 * while it is away.
 *
 * @param address such as {@code unix:postbrake/policy}, below queue_directory
 */
record QuotaService(String address) {

    static final String USUAL = "unix:postbrake/policy";

    private static final String ASK = "check_policy_service";
    static final String DATA = "smtpd_data_restrictions";
    private static final String GLOBAL = "smtpd_policy_service_";
    private static final Pattern SETTING = Pattern.compile("([a-z_]+)\\s*=\\s*([^,{}\\s]+)");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})([smhdw]?)");
    private static final Map<String, Integer> SECONDS =
            Map.of("", 1, "s", 1, "m", 60, "h", 3600, "d", 86_400, "w", 604_800);
    private static final Map<String, String> USUALLY =
            Map.of("timeout", "100s", "try_limit", "2", "default_action", "451 4.3.5 Server configuration problem");
    private static final int LONG = 10;
    private static final int BRACES = 3000;

    /** The check with its settings; a Postfix before 3.0 has them in main.cf. */
    RestrictionText.Check check(int version) {
        return version > 0 && version < BRACES ? bare() : new RestrictionText.Check(ASK, argument());
    }

    private RestrictionText.Check bare() {
        return new RestrictionText.Check(ASK, address);
    }

    private String argument() {
        return "{ " + address + ", timeout=2s, try_limit=2, default_action=DUNNO }";
    }

    /** The check in each form that is known here. */
    List<RestrictionText.Check> checks() {
        return List.of(new RestrictionText.Check(ASK, argument()), bare());
    }

    /** What main.cf of a Postfix before 3.0 needs beside the check; nothing for others. */
    List<String> mainLines(int version) {
        return version > 0 && version < BRACES
                ? List.of(GLOBAL + "timeout = 2s", GLOBAL + "try_limit = 2", GLOBAL + "default_action = DUNNO")
                : List.of();
    }

    /** A list with the check, and otherwise as it is. */
    String in(String list, int version) {
        return RestrictionText.with(List.of(check(version)), RestrictionText.without(checks(), list));
    }

    /** What is wrong with how a service asks; {@code wanted} says that it must. */
    List<Flaw> flaws(PostfixSettings settings, Service service, boolean wanted) {
        List<Flaw> flaws = new ArrayList<>();
        boolean asked = false;
        for (String list : SetupCheck.LISTS) {
            List<Step> steps = Restrictions.of(settings, service, list);
            for (int i = 0; i < steps.size(); i++) {
                if (isAsk(steps.get(i))) {
                    asked = true;
                    judge(settings, service, list, steps, i, flaws);
                }
            }
        }
        if (wanted && !asked) {
            flaws.add(Flaw.missing(
                    SetupCheck.where(service, SetupLines.RECIPIENT),
                    "the policy server is not asked: no ceiling holds",
                    "put '" + ASK + " " + argument() + "' before what lets logins through: `postbrake postfix print"
                            + " --quotas`"));
        }
        return flaws;
    }

    private boolean isAsk(Step step) {
        return step.name().equals(ASK)
                && Words.of(inside(step)).stream().findFirst().equals(Optional.of(address));
    }

    private static String inside(Step step) {
        String argument = step.argument();
        return argument.startsWith("{") ? argument.substring(1, Math.max(1, argument.lastIndexOf('}'))) : argument;
    }

    private void judge(
            PostfixSettings settings, Service service, String list, List<Step> steps, int at, List<Flaw> flaws) {
        String where = SetupCheck.where(service, list);
        steps.subList(0, at).stream()
                .filter(Step::letsThrough)
                .findFirst()
                .ifPresent(permit -> flaws.add(Flaw.dangerous(
                        where,
                        "the policy server stands behind " + permit + ", which lets the client through before it is"
                                + " asked: no ceiling holds",
                        "put it before " + permit)));
        Map<String, String> own = new LinkedHashMap<>();
        Matcher setting = SETTING.matcher(inside(steps.get(at)));
        while (setting.find()) {
            own.put(setting.group(1), setting.group(2));
        }
        if (value(settings, service, own, "default_action").matches("(?s)[45][0-9][0-9].*|(?i)(REJECT|DEFER).*")) {
            flaws.add(Flaw.dangerous(
                    where,
                    "while the policy server is away, everybody is refused (default_action)",
                    "default_action=DUNNO"));
        }
        if (seconds(value(settings, service, own, "timeout")) > LONG) {
            flaws.add(Flaw.dangerous(
                    where,
                    "a policy server that hangs holds up each recipient for " + value(settings, service, own, "timeout")
                            + ", twice",
                    "timeout=2s"));
        }
        if (value(settings, service, own, "try_limit").equals("1")) {
            flaws.add(Flaw.dangerous(
                    where,
                    "try_limit=1: after each restart of the policy server Postfix finds its old connection closed and"
                            + " does as default_action says",
                    "try_limit=2"));
        }
    }

    private static String value(PostfixSettings settings, Service service, Map<String, String> own, String name) {
        if (own.containsKey(name)) {
            return own.get(name);
        }
        String global = settings.of(service, GLOBAL + name);
        return global.isBlank() ? USUALLY.get(name) : global;
    }

    private static long seconds(String time) {
        Matcher parts = TIME.matcher(time);
        return parts.matches() ? Long.parseLong(parts.group(1)) * SECONDS.get(parts.group(2)) : 0;
    }
}
