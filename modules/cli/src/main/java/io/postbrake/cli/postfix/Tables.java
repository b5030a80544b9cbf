package io.postbrake.cli.postfix;

import java.nio.file.Path;

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

    /** The file behind a table. */
    static Path file(String table) {
        String path = table.substring(table.indexOf(':') + 1);
        return Path.of(table.startsWith("lmdb:") ? path + ".lmdb" : path);
    }
}
