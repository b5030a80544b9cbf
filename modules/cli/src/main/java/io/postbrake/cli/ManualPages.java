package io.postbrake.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Writes what a package installs beside the commands: a manual page for each of them, and what makes a shell complete them. */
public final class ManualPages {

    /** Where a gzip file says how hard its writer tried, and the hardest: RFC 1952, 2.3.1. Java says nothing there. */
    private static final int EXTRA_FLAGS = 8;

    private static final byte MOST_COMPRESSED = 2;

    private ManualPages() {}

    /** @param args a directory, which gets {@code man/NAME.1.gz} and {@code completion/postbrake} */
    public static void main(String[] args) throws IOException {
        Path pages = Files.createDirectories(Path.of(args[0]).resolve("man"));
        all().forEach((name, text) -> pack(pages.resolve(name + ".1.gz"), text));
        Path completion = Files.createDirectories(Path.of(args[0]).resolve("completion"));
        // It is read by a shell that runs, and no program.
        String script = AutoComplete.bash("postbrake", Main.commandLine()).replaceFirst("^#!.*\\n", "");
        Files.writeString(completion.resolve("postbrake"), script);
    }

    /** All pages by name, such as {@code postbrake-queue-list}, in roff with the macros of man(7). */
    static Map<String, String> all() {
        Map<String, String> pages = new LinkedHashMap<>();
        add(Main.commandLine(), pages);
        return pages;
    }

    private static void add(CommandLine command, Map<String, String> pages) {
        pages.put(name(command.getCommandSpec()), new ManualPage(command.getCommandSpec()).text());
        subcommands(command.getCommandSpec()).forEach(sub -> add(sub, pages));
    }

    /** Those that are shown to users. */
    static List<CommandLine> subcommands(CommandSpec spec) {
        return spec.subcommands().values().stream()
                .filter(sub -> !sub.getCommandSpec().usageMessage().hidden())
                .collect(Collectors.toCollection(ArrayList::new));
    }

    static String name(CommandSpec spec) {
        return spec.qualifiedName("-");
    }

    /** The same bytes each time, as small as they get: what Debian wants of pages. */
    private static void pack(Path file, String text) {
        var packed = new ByteArrayOutputStream();
        try {
            try (OutputStream out = new GZIPOutputStream(packed) {
                {
                    def.setLevel(Deflater.BEST_COMPRESSION);
                }
            }) {
                out.write(text.getBytes(StandardCharsets.UTF_8));
            }
            byte[] bytes = packed.toByteArray();
            bytes[EXTRA_FLAGS] = MOST_COMPRESSED;
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
