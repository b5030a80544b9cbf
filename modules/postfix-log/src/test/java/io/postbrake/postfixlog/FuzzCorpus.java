package io.postbrake.postfixlog;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;

/** Inputs that the fuzzer found to reach new code: one a line, in Base64, in {@code fuzz-corpus.txt}. */
final class FuzzCorpus {
    private FuzzCorpus() {}

    static List<byte[]> committed() throws IOException {
        try (InputStream in = FuzzCorpus.class.getResourceAsStream("/fuzz-corpus.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .map(Base64.getDecoder()::decode)
                    .toList();
        }
    }

    /** Writes each input to a file of its own, as the fuzzer takes them. */
    static void unpack(List<byte[]> inputs, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < inputs.size(); i++) {
            Files.write(folder.resolve("seed-" + i), inputs.get(i));
        }
    }

    /** Puts all files of the folder into one, sorted. */
    static void pack(Path folder, Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> inputs = Files.list(folder)) {
            for (Path input : inputs.toList()) {
                lines.add(Base64.getEncoder().encodeToString(Files.readAllBytes(input)));
            }
        }
        Files.write(file, lines.stream().sorted().toList());
    }
}
