package io.postbrake.policysink;

import java.io.IOException;
import java.nio.file.Path;

/** A process that can never load LMDB's library tries twice to write a map, and prints what it is told each time. */
final class WithoutLibrary {

    private WithoutLibrary() {}

    /** The map's path; run with a directory for temporary files that is not there. */
    public static void main(String[] args) throws IOException {
        for (int i = 0; i < 2; i++) {
            try {
                PolicyMap.open(Path.of(args[0]), 1 << 20);
            } catch (LinkageError | IllegalStateException e) {
                System.out.println(e.getClass().getSimpleName());
            }
        }
    }
}
