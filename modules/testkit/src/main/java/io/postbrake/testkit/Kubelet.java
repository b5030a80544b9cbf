package io.postbrake.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Does to the logs of one container what the kubelet and containerd do. */
public final class Kubelet {

    /** containerd hands on so much of a line at once. */
    private static final int PIECE = 64;

    private final Path pod;
    private final Path container;
    private int restarts;

    /** Of the only container, which runs Postfix. */
    public Kubelet(Path pods, String namespace, String name, String uid) throws IOException {
        pod = pods.resolve(namespace + "_" + name + "_" + uid);
        container = Files.createDirectories(pod.resolve("postfix"));
        append("");
    }

    /** What the container writes to now. */
    public Path log() {
        return container.resolve(restarts + ".log");
    }

    private void append(String text) throws IOException {
        Files.writeString(log(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** A line as the runtime writes it: P for a piece, F for what ends a line. */
    public void piece(String stream, String tag, String text) throws IOException {
        append("2026-11-24T10:00:00.000000001Z " + stream + " " + tag + " " + text + "\n");
    }

    /** A line, in pieces when it is long. */
    public void writes(String line) throws IOException {
        int at = 0;
        for (; line.length() - at > PIECE; at += PIECE) {
            piece("stdout", "P", line.substring(at, at + PIECE));
        }
        piece("stdout", "F", line.substring(at));
    }

    /** Renames the log and compresses those that were renamed before. */
    public void rotates(String stamp) throws IOException {
        try (Stream<Path> all = Files.list(container)) {
            for (Path file : all.filter(f -> f.getFileName().toString().matches("\\d+\\.log\\.[0-9-]+"))
                    .toList()) {
                Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
                try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
                    Files.copy(file, out);
                }
                Files.move(unfinished, file.resolveSibling(file.getFileName() + ".gz"));
                Files.delete(file);
            }
        }
        Files.move(log(), container.resolve(log().getFileName() + "." + stamp));
        append("");
    }

    /** The container ends and is started again. */
    public void restarts() throws IOException {
        restarts++;
        append("");
    }

    /** The pod is deleted, and its logs. */
    public void deletes() throws IOException {
        try (Stream<Path> all = Files.walk(pod)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** A line of Postfix with this queue id, longer than a piece. */
    public static String removed(int i) {
        return "2026-11-24T10:00:00.%06d+00:00 postfix-0 postfix/submission/qmgr[7]: A%05d: removed".formatted(i, i);
    }
}
