package io.postbrake.logtail;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out which text each file has, and so how far it was read: by what the text is, never by a name, which rotation gives to
 * another file.
 */
final class KnownTexts {

    /** Texts that are gone are remembered so long that a file put back is known again. */
    private static final int REMEMBERED = 64;

    private final Path log;
    private final FollowedFiles files;
    private final Duration patience;
    /** Oldest text first. */
    private final List<ReadState> known;

    /** @param patience how long the only line of a text may stay half */
    KnownTexts(Path log, FollowedFiles files, List<ReadState> known, Duration patience) {
        this.log = log;
        this.files = files;
        this.known = new ArrayList<>(known);
        this.patience = patience;
    }

    /** How far each text was read, oldest first. */
    List<ReadState> all() {
        return known;
    }

    /** The text that was read last. */
    ReadState newest() {
        return known.stream().filter(s -> s.safeOffset > 0).reduce((a, b) -> b).orElse(known.get(known.size() - 1));
    }

    /** Finds out which text each file has: first those that are where they were, then the others, oldest first. */
    void recognise() throws IOException {
        for (TailedFile file : files.all()) {
            if (file.state() != null && !files.verified(file)) {
                files.changed(file);
            }
        }
        for (TailedFile file : files.all()) {
            if (file.unidentified()) {
                bindByInode(file);
            }
        }
        for (TailedFile file : files.all()) {
            if (file.unidentified()) {
                identify(file, false);
            }
        }
    }

    private void bindByInode(TailedFile file) throws IOException {
        String source = source(file, false);
        for (ReadState state : known) {
            if (state.inode == file.kept().inode()
                    && state.sourceId.equals(source)
                    && !isBound(state)
                    && file.matches(state)) {
                file.bind(state);
                return;
            }
        }
    }

    /** Finds out which text a file has that has one; {@code ended} when nobody writes to it any more. */
    void identify(TailedFile file, boolean ended) throws IOException {
        boolean finalHalf = ended && file.textSize() > 0 && file.staysHalf(patience);
        String source = source(file, finalHalf);
        if (source == null) {
            return;
        }
        letGo(source, file);
        TailedFile original = original(file, source);
        if (original != null) {
            file.isCopyOf(original);
            file.closeText();
            return;
        }
        long generation = 0;
        ReadState match = null;
        for (ReadState state : known) {
            if (state.sourceId.equals(source)) {
                generation = Math.max(generation, state.generation + 1);
                if (!isBound(state) && file.matches(state) && better(file, state, match)) {
                    match = state;
                }
            }
        }
        if (match == null) {
            match = new ReadState(source, generation);
            known.add(match);
        }
        file.bind(match);
    }

    /** Whoever had this text may have been truncated since the last look, and {@code file} be its copy. */
    private void letGo(String source, TailedFile file) throws IOException {
        for (TailedFile other : files.all()) {
            if (other != file && other.state() != null && other.state().sourceId.equals(source)) {
                try {
                    if (!other.verifyNow()) {
                        files.changed(other);
                    }
                } catch (NoSuchFileException e) {
                    files.stale();
                }
            }
        }
    }

    /** Of several texts with one beginning, a compressed file has the one whose end it has. */
    private static boolean better(TailedFile file, ReadState state, ReadState than) {
        return than == null || (file.kept().compressed() && file.textSize() == (state.offset & 0xFFFF_FFFFL));
    }

    /** Copytruncate and compression make copies: the original is read as long as it is there, null when there is none. */
    private TailedFile original(TailedFile file, String source) throws IOException {
        int place = files.all().indexOf(file);
        for (int i = 0; i < files.all().size(); i++) {
            TailedFile other = files.all().get(i);
            boolean candidate = i > place || (file.kept().compressed() && other.isOpen());
            if (other == file || !candidate || other.unreadable()) {
                continue;
            }
            String its = other.state() != null ? other.state().sourceId : source(other, false);
            if (source.equals(its) && file.isBeginningOf(other)) {
                return other;
            }
        }
        return null;
    }

    /** Whether some file has this text. */
    boolean isBound(ReadState state) {
        return files.all().stream().anyMatch(f -> f.state() == state);
    }

    private String source(TailedFile file, boolean ended) throws IOException {
        if (file.isEmpty() && !file.isOpen()) {
            return null;
        }
        try {
            return file.source((head, n) -> Fingerprint.source(log, head, n), ended);
        } catch (NoSuchFileException e) {
            files.stale();
            return null;
        } catch (IOException e) {
            files.unreadable(file, e);
            return null;
        }
    }

    /** Leaves out the oldest of the texts that no file has. */
    void forget() {
        List<ReadState> gone = known.stream().filter(s -> !isBound(s)).toList();
        for (int i = 0; i < gone.size() - REMEMBERED; i++) {
            known.remove(gone.get(i));
        }
    }
}
