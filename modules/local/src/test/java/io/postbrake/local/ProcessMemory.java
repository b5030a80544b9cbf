package io.postbrake.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM with the serial collector takes, in MiB.
 *
 * @param heap used after a full collection
 * @param own resident memory that no file backs; pages of a mapped file are the kernel's to take back
 * @param file resident pages of mapped files
 * @param peak highest resident memory so far, mapped files included
 */
record ProcessMemory(double heap, double own, double file, double peak) {

    private static final Pattern USED = Pattern.compile("generation +total \\d+K, used (\\d+)K");

    static ProcessMemory of(long pid) throws IOException, InterruptedException {
        jcmd(pid, "GC.run");
        Matcher used = USED.matcher(jcmd(pid, "GC.heap_info"));
        double heap = 0;
        while (used.find()) {
            heap += Double.parseDouble(used.group(1)) / 1024;
        }
        List<String> status = Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"));
        return new ProcessMemory(heap, mib(status, "RssAnon:"), mib(status, "RssFile:"), mib(status, "VmHWM:"));
    }

    private static double mib(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    private static String jcmd(long pid, String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("jcmd " + command + ": " + said);
        }
        return said;
    }

    String row(String when) {
        return String.format(Locale.ROOT, "| %s | %.1f | %.0f | %.0f | %.0f |", when, heap, own, file, peak);
    }
}
