package io.postbrake.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How often something happened that people are to be told of, how often they were, and how many times together. */
final class Telling {
    /** Stamps are whole seconds on some hosts. */
    private static final long STAMP = Diary.SECOND;

    long happened;
    long told;
    long times;

    void add(Telling o) {
        happened += o.happened;
        told += o.told;
        times += o.times;
    }

    /** By kind of mishap what was told of those that began at {@code from} or later, and what was told for nothing. */
    static Map<String, Telling> of(Script script, List<Guard.Told> all, long from) {
        Map<String, Telling> tellings = new TreeMap<>();
        List<Guard.Told> falsely =
                new ArrayList<>(all.stream().filter(t -> t.at() >= from).toList());
        for (Mishap mishap : script.mishaps()) {
            if (mishap.start() < from) {
                continue;
            }
            List<Guard.Told> of = all.stream()
                    .filter(t -> t.subjectKey().equals(mishap.subjectKey())
                            && t.at() >= mishap.start() - STAMP
                            && t.at() <= mishap.end() + Diary.HOUR)
                    .toList();
            falsely.removeAll(of);
            Telling telling = tellings.computeIfAbsent(mishap.kind(), k -> new Telling());
            telling.happened++;
            telling.told += of.isEmpty() ? 0 : 1;
            telling.times += of.size();
        }
        for (Guard.Told t : falsely) {
            String kind = t.subjectKey().substring(0, t.subjectKey().indexOf(':'));
            tellings.computeIfAbsent(kind + " for nothing", k -> new Telling()).times++;
        }
        return tellings;
    }
}
