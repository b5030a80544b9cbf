package io.postbrake.mail;

/** Text of strangers, made harmless for the body of a mail. */
public final class PlainText {

    private PlainText() {}

    /**
     * At most {@code longest} characters on one line, without what steers the program that shows it: control characters,
     * marks that turn the direction of writing round or cannot be seen, halves of characters. Nothing in it is an address
     * that a program makes clickable.
     */
    public static String of(String text, int longest) {
        String clean = text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Zl}\\p{Zp}]", "?")
                .replaceAll("(?i)\\b([a-z][a-z0-9+.-]*):(?=//)", "$1[:]")
                .replaceAll("(?i)\\bwww\\.", "www[.]")
                .replaceAll("(?i)\\b(mailto|javascript|data|tel|file):", "$1[:]");
        if (clean.codePointCount(0, clean.length()) <= longest) {
            return clean;
        }
        return clean.substring(0, clean.offsetByCodePoints(0, longest - 1)) + "…";
    }
}
