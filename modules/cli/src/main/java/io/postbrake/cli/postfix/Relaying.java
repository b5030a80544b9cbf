package io.postbrake.cli.postfix;

import io.postbrake.subject.IpNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who may send without a login, past every block of accounts. */
final class Relaying {

    private static final List<IpNetwork> PRIVATE = nets(
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "127.0.0.0/8",
            "100.64.0.0/10",
            "::1",
            "fc00::/7",
            "fe80::/10");
    private static final int WIDE_IPV4 = 24;
    private static final int WIDE_IPV6 = 48;

    private final PostfixSettings settings;
    private final List<Flaw> flaws = new ArrayList<>();

    private Relaying(PostfixSettings settings) {
        this.settings = settings;
    }

    static List<Flaw> flaws(PostfixSettings settings) {
        var relaying = new Relaying(settings);
        relaying.look();
        relaying.local();
        return relaying.flaws;
    }

    /** Programs of this machine hand mail to pickup by sendmail(1); it comes without a login and without a client. */
    private void local() {
        boolean pickup = settings.services().stream().anyMatch(s -> s.command().equals("pickup"));
        if (pickup && settings.of("authorized_submit_users").strip().equals("static:anyone")) {
            flaws.add(Flaw.note(
                    "main.cf",
                    "any program on this machine may send by sendmail(1) without a login, web forms among them: no"
                            + " block of an account stops that mail",
                    "authorized_submit_users = the users that need it, if there are others here; or stop those who send too"
                            + " much: `postbrake postfix print --local-users`"));
        }
    }

    private void look() {
        String style = settings.of("mynetworks_style");
        if (!settings.main().containsKey("mynetworks") && (style.equals("class") || style.equals("subnet"))) {
            flaws.add(Flaw.dangerous(
                    "main.cf",
                    "mynetworks_style = " + style + ": every machine of this network may relay without a login",
                    "mynetworks_style = host"));
        }
        for (String entry : Words.of(settings.of("mynetworks"))) {
            network(entry);
        }
    }

    private void network(String entry) {
        if (entry.startsWith("!")) {
            return;
        }
        String plain = entry.replace("[", "").replace("]", "");
        if (plain.startsWith("::ffff:")) {
            return; // The IPv4 loopback in its other spelling; anything else of that kind has an entry of its own.
        }
        Optional<IpNetwork> parsed = IpNetwork.parse(plain);
        if (parsed.isEmpty()) {
            flaws.add(Flaw.note(
                    "main.cf",
                    "mynetworks has " + entry + ", of which is not known here whom it lets in",
                    "make sure that nobody gets in there whom you do not trust"));
            return;
        }
        IpNetwork net = parsed.get();
        boolean inside = PRIVATE.stream().anyMatch(p -> p.contains(net));
        boolean wide = net.prefix() < (net.address().length == 4 ? WIDE_IPV4 : WIDE_IPV6);
        if (!inside && wide) {
            flaws.add(Flaw.dangerous(
                    "main.cf",
                    "mynetworks has " + entry + ": all of it may relay without a login, past every block of accounts",
                    "name only the machines that cannot log in"));
        } else if (wide && net.prefix() <= 16 && !PRIVATE.get(3).contains(net)) {
            flaws.add(Flaw.note(
                    "main.cf",
                    "mynetworks has " + entry + ": any machine inside may relay without a login",
                    "name only the machines that cannot log in"));
        }
    }

    private static List<IpNetwork> nets(String... nets) {
        List<IpNetwork> result = new ArrayList<>();
        for (String net : nets) {
            IpNetwork.parse(net).ifPresent(result::add);
        }
        return result;
    }
}
