package io.postbrake.policysink;

import static org.assertj.core.api.Assertions.assertThat;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.util.VersionInfo;
import io.postbrake.testkit.PostfixHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Assumptions;

/** Whatever the login, and however it is spelt, the real Postfix of this machine finds the entry of its block. */
class PostmapFoldingIT {

    /** Letters of this Unicode version every supported Postfix's library knows. */
    private static final VersionInfo KNOWN = VersionInfo.getInstance(15, 0);

    /** What folds to several letters, loses an accent, changes by its place, or lies where few look. */
    private static final List<String> HARD = List.of(
            "ß",
            "ẞ",
            "ς",
            "σ",
            "Σ",
            "ﬁ",
            "ﬀ",
            "ﬗ",
            "İ",
            "ı",
            "I",
            "i",
            "\u212A",
            "\u212B",
            "\u017F",
            "ŉ",
            "ǰ",
            "ΐ",
            "և",
            "ẖ",
            "ᾳ",
            "ᾼ",
            "ῼ",
            "Ꭰ",
            "ꭰ",
            "Ᏸ",
            "ᏸ",
            "𐐀",
            "𐐨",
            "𞤀",
            "𞤢",
            "Ⅷ",
            "Ⓐ",
            "Ａ",
            "ａ",
            "e\u0301",
            "\u0345",
            "\u0308",
            "Ǆ",
            "ǅ",
            "ǆ",
            "Ω",
            "Ω",
            "µ",
            "μ",
            "ϐ",
            "𝐀",
            "\u200D",
            "\uFEFF",
            "\uFFFD",
            "中",
            "😀",
            "\u0130\u0307");

    @Provide
    Arbitrary<String> logins() {
        Arbitrary<String> hard = Arbitraries.of(HARD);
        Arbitrary<String> any = Arbitraries.integers()
                .between(0x80, 0x1FFFF)
                .filter(PostmapFoldingIT::isKnown)
                .map(Character::toString);
        Arbitrary<String> plain =
                Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(3);
        Arbitrary<String> local = Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(4, hard),
                        net.jqwik.api.Tuple.of(2, any),
                        net.jqwik.api.Tuple.of(2, plain))
                .list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(parts -> String.join("", parts));
        return Combinators.combine(local, Arbitraries.of("@example.com", "@Example.ORG", "@straße.example", ""))
                .as((name, domain) -> name + domain);
    }

    private static boolean isKnown(int c) {
        return UCharacter.isDefined(c)
                && c < 0xD800 | c > 0xDFFF
                && !UCharacter.isISOControl(c)
                && !UCharacter.isUWhiteSpace(c)
                && UCharacter.getAge(c).compareTo(KNOWN) <= 0;
    }

    @Property(tries = 6, seed = "20261129", shrinking = ShrinkingMode.OFF)
    void everySpellingOfABlockedLoginIsFound(@ForAll("many") Set<String> logins) throws IOException {
        Assumptions.assumeTrue(PostfixHost.missing().isEmpty(), "no real Postfix here");
        Path dir = Files.createTempDirectory("postbrake-folding-");
        try {
            for (String smtputf8 : List.of("yes", "no")) {
                check(configuration(dir, smtputf8), logins);
            }
        } finally {
            try (var files = Files.walk(dir)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    @Provide
    Arbitrary<Set<String>> many() {
        return logins().set().ofMinSize(150).ofMaxSize(200);
    }

    private static Path configuration(Path dir, String smtputf8) throws IOException {
        Path made = Files.createDirectory(dir.resolve(smtputf8));
        Files.copy(
                Path.of("/etc/postfix/dynamicmaps.cf"),
                made.resolve("dynamicmaps.cf"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(
                made.resolve("main.cf"),
                "compatibility_level = 3.6\nsmtputf8_enable = " + smtputf8 + "\nmeta_directory = " + made + "\n");
        Files.writeString(made.resolve("master.cf"), "");
        return made;
    }

    private static void check(Path configuration, Set<String> logins) throws IOException {
        Set<LoginFolding> foldings = LoginFolding.of(List.of(configuration.toString()));
        assertThat(foldings).hasSize(1);
        var accounts = new Accounts(NeverBlock.of(List.of()), foldings);
        Path map = configuration.resolve("blocks.lmdb");
        Set<String> asked = new LinkedHashSet<>();
        try (PolicyMap table = PolicyMap.open(map, 16 << 20)) {
            table.rebuild(to -> {});
            var enforcement = EnforcementTest.enforcement(table, Clock.systemUTC(), foldings);
            enforcement.caughtUp();
            for (String login : logins) {
                if (accounts.subject("sasl_user:" + login) == null) {
                    continue;
                }
                Instant now = Instant.now();
                enforcement.block(
                        "sasl_user:" + login,
                        new Wanted("block", "reject", null, "k7f2", now, now, now.plusSeconds(600), null));
                asked.addAll(spellings(login, foldings));
            }
            enforcement.write();
            enforcement.close();
        }
        assertThat(asked).hasSizeGreaterThan(100);

        String found = PostfixCommands.run(
                List.of(
                        "postmap",
                        "-c",
                        configuration.toString(),
                        "-q",
                        "-",
                        "lmdb:" + map.toString().replace(".lmdb", "")),
                String.join("\n", asked) + "\n");

        Set<String> known = found.lines()
                .map(line -> line.substring(0, Math.max(0, line.indexOf('\t'))))
                .collect(Collectors.toSet());
        assertThat(asked).as("%s", foldings).isSubsetOf(known);
    }

    /** As people type it, and as smtpd then asks: without SMTPUTF8 it has no bytes beyond ASCII left. */
    private static Set<String> spellings(String login, Set<LoginFolding> foldings) {
        Set<String> typed = new LinkedHashSet<>(List.of(login));
        if (foldings.equals(EnumSet.of(LoginFolding.UTF8))) {
            for (String other : List.of(
                    UCharacter.toUpperCase(login), UCharacter.toLowerCase(login), UCharacter.foldCase(login, true))) {
                // An old letter may have a capital now that the host's ICU has not heard of.
                boolean known =
                        other.codePoints().allMatch(c -> UCharacter.getAge(c).compareTo(KNOWN) <= 0);
                if (known && UCharacter.foldCase(other, true).equals(UCharacter.foldCase(login, true))) {
                    typed.add(other);
                }
            }
            return typed;
        }
        byte[] bytes = login.getBytes(StandardCharsets.UTF_8);
        var asked = new StringBuilder();
        for (byte b : bytes) {
            asked.append(b < 0 ? '?' : (char) b);
        }
        return new LinkedHashSet<>(List.of(asked.toString(), asked.toString().toUpperCase(java.util.Locale.ROOT)));
    }
}
