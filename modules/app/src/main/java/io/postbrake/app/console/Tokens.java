package io.postbrake.app.console;

import io.postbrake.settings.OwnerOnlyFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Secrets and whose they are. Comparing takes the same time whatever is presented. */
public final class Tokens {

    private static final int SHORTEST = 16;
    private static final String NAMELESS = "operator";
    private static final String MADE = "console";
    private static final int MADE_BYTES = 32;

    private record Holder(String name, byte[] hash, String secret) {}

    private final List<Holder> holders;

    private Tokens(List<Holder> holders) {
        this.holders = List.copyOf(holders);
    }

    static Tokens none() {
        return new Tokens(List.of());
    }

    /**
     * Reads a file: on each line a name and a token, separated by a space, or a token alone.
     *
     * @throws IllegalArgumentException naming {@code key} when the file cannot be read or a token is too short to be safe
     */
    static Tokens read(Path file, String key) {
        try {
            return of(Files.readAllLines(file), key + " '" + file + "'");
        } catch (IOException e) {
            throw new IllegalArgumentException(key + " is '" + file + "': give a file that can be read", e);
        }
    }

    /** The token in {@code file}, of mode 0600; a new one is made when there is none. */
    static Tokens keep(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] random = new byte[MADE_BYTES];
            new SecureRandom().nextBytes(random);
            String line = MADE + " " + Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n";
            OwnerOnlyFile.write(file, line.getBytes(StandardCharsets.US_ASCII));
        }
        OwnerOnlyFile.close(file);
        return read(file, "the console's token");
    }

    static Tokens of(List<String> lines, String where) {
        List<Holder> holders = new ArrayList<>();
        for (String line : lines) {
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                int space = text.indexOf(' ');
                String name = space < 0 ? NAMELESS : text.substring(0, space);
                String secret = text.substring(space + 1).strip();
                if (secret.length() < SHORTEST) {
                    throw new IllegalArgumentException(where + " has a token of " + secret.length()
                            + " characters: give " + SHORTEST + " or more, such as `openssl rand -hex 24` prints");
                }
                holders.add(new Holder(name, hash(secret), secret));
            }
        }
        if (holders.isEmpty()) {
            throw new IllegalArgumentException(where + " has no token: give a line with a name and a token");
        }
        return new Tokens(holders);
    }

    boolean isEmpty() {
        return holders.isEmpty();
    }

    /** Whose token this is; null when nobody's. */
    String holder(String presentedOrNull) {
        byte[] hash = hash(presentedOrNull == null ? "" : presentedOrNull);
        String found = null;
        for (Holder holder : holders) {
            if (MessageDigest.isEqual(holder.hash(), hash)) {
                found = holder.name();
            }
        }
        return found;
    }

    /** The token with which an instance introduces itself to the others; null without any. */
    String first() {
        return holders.isEmpty() ? null : holders.get(0).secret();
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Names only. */
    @Override
    public String toString() {
        return holders.stream().map(Holder::name).toList().toString();
    }
}
