package io.postbrake.cli.postfix;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables of one host as its main.cf names them.
 *
 * @param map the LMDB file of accounts; the others stand beside it
 */
record Tables(Path map) {

    private String base() {
        return map.toAbsolutePath().normalize().toString().replaceFirst("\\.lmdb$", "");
    }

    String accounts() {
        return "lmdb:" + base();
    }

    String clients() {
        return "lmdb:" + base() + "-clients";
    }

    String ranges() {
        return "cidr:" + base() + "-ranges.cidr";
    }

    /** The names of local users, as {@code authorized_submit_users} takes it. */
    String users() {
        return "texthash:" + base() + "-users";
    }

    RestrictionText.Check accountCheck() {
        return new RestrictionText.Check("check_sasl_access", accounts());
    }

    List<RestrictionText.Check> clientChecks() {
        return List.of(
                new RestrictionText.Check("check_client_access", clients()),
                new RestrictionText.Check("check_client_access", ranges()));
    }

    /** The clients that relay without a login and have blocked senders. */
    String relay() {
        return "lmdb:" + base() + "-relay";
    }

    /** The senders of one restriction class's client. */
    String relaySenders(int number) {
        return relay() + "-" + number;
    }

    RestrictionText.Check relayCheck() {
        return new RestrictionText.Check("check_client_access", relay());
    }

    List<RestrictionText.Check> checks() {
        List<RestrictionText.Check> all = new ArrayList<>(clientChecks());
        all.add(accountCheck());
        return all;
    }

    List<Path> files() {
        return List.of(file(accounts()), file(clients()), file(ranges()));
    }

    /** The file behind a table. */
    static Path file(String table) {
        String path = table.substring(table.indexOf(':') + 1);
        return Path.of(table.startsWith("lmdb:") ? path + ".lmdb" : path);
    }
}
