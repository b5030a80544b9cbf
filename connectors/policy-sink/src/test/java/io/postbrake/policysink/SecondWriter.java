package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Path;

/** Tries to write a map as another process would; its exit status says how that went. */
final class SecondWriter {

    static final int OPENED = 10;
    static final int REFUSED = 11;

    private SecondWriter() {}

    public static void main(String[] args) throws IOException {
        int status;
        try (PolicyMap map = PolicyMap.open(Path.of(args[0]), 1 << 20)) {
            status = map.get("nobody") == null ? OPENED : 1;
        } catch (IllegalStateException e) {
            status = REFUSED;
        }
        System.exit(status);
    }
}
