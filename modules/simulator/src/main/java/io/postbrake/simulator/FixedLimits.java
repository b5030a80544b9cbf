package io.postbrake.simulator;

import io.postbrake.simulator.Guard.Block;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The usual advice: fixed quotas, impossible travel and fail2ban, each as its manual sets it up. */
final class FixedLimits {
    private FixedLimits() {}

    /** At most 50 messages an hour and 200 a day, counted by every host for itself; what is over is refused. */
    static final class Quotas implements Guard {
        private static final int AN_HOUR = 50;
        private static final int A_DAY = 200;

        private final Map<String, Deque<Long>> sent = new HashMap<>();
        private final Map<String, Block> open = new HashMap<>();
        private final Map<String, Long> refusedAt = new HashMap<>();
        private final List<Block> blocks = new ArrayList<>();

        @Override
        public Block offered(Action.Mail m) {
            Deque<Long> day = sent.computeIfAbsent(m.host() + " " + m.account(), k -> new ArrayDeque<>());
            while (!day.isEmpty() && day.peekFirst() <= m.at() - Diary.DAY) {
                day.removeFirst();
            }
            int inHour = 0;
            for (var newest = day.descendingIterator(); newest.hasNext() && newest.next() > m.at() - Diary.HOUR; ) {
                inHour++;
            }
            if (inHour < AN_HOUR && day.size() < A_DAY) {
                day.addLast(m.at());
                return null;
            }
            Long before = refusedAt.put(m.account(), m.at());
            if (before == null || before < m.at() - Diary.HOUR) {
                Block block = new Block(false, m.account(), m.at(), "reject", "quota");
                open.put(m.account(), block);
                blocks.add(block);
            }
            return open.get(m.account());
        }

        @Override
        public void failed(Action.Failure failure) {
            // Quotas do not look at logins.
        }

        @Override
        public List<Block> blocks() {
            return blocks;
        }
    }

    /** Two logins more than 1,000 km apart, faster than an airliner (900 km/h): the account is closed for half a day. */
    static final class Travel implements Guard {
        private static final double FAR_KM = 1000;
        private static final double AIRLINER_KMH = 900;
        private static final double EARTH_KM = 6371;
        private static final long CLOSED = 12 * Diary.HOUR;

        private final Whereabouts whereabouts;
        private final Map<String, Place> last = new HashMap<>();
        private final Map<String, Block> open = new HashMap<>();
        private final List<Block> blocks = new ArrayList<>();

        private record Place(double latitude, double longitude, long at) {}

        /** Latitude and longitude of an address in degrees; null when unknown. */
        interface Whereabouts {
            double[] of(String ip);
        }

        Travel(Whereabouts whereabouts) {
            this.whereabouts = whereabouts;
        }

        @Override
        public Block offered(Action.Mail m) {
            Block block = open.get(m.account());
            if (block != null && m.at() < block.at() + CLOSED) {
                return block;
            }
            double[] where = whereabouts.of(m.client().ip());
            if (where == null) {
                return null;
            }
            Place here = new Place(where[0], where[1], m.at());
            Place before = last.put(m.account(), here);
            if (before == null) {
                return null;
            }
            double km = distance(before, here);
            if (km < FAR_KM || km / Math.max(1e-3, (here.at() - before.at()) / (double) Diary.HOUR) < AIRLINER_KMH) {
                return null;
            }
            Block found = new Block(false, m.account(), m.at(), "reject", "impossible travel");
            open.put(m.account(), found);
            blocks.add(found);
            return found;
        }

        private static double distance(Place a, Place b) {
            double dLat = Math.toRadians(b.latitude() - a.latitude());
            double dLon = Math.toRadians(b.longitude() - a.longitude());
            double h = Math.pow(Math.sin(dLat / 2), 2)
                    + Math.cos(Math.toRadians(a.latitude()))
                            * Math.cos(Math.toRadians(b.latitude()))
                            * Math.pow(Math.sin(dLon / 2), 2);
            return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)));
        }

        @Override
        public void failed(Action.Failure failure) {
            // The places of failures are anybody's.
        }

        @Override
        public List<Block> blocks() {
            return blocks;
        }
    }

    /** Five failures of an address within ten minutes on one host: banned there for ten minutes. */
    static final class Fail2ban implements Guard {
        private static final int RETRIES = 5;
        private static final long FIND_TIME = 10 * Diary.MINUTE;
        private static final long BAN_TIME = 10 * Diary.MINUTE;

        private final Map<String, Deque<Long>> failures = new HashMap<>();
        private final Map<String, Block> open = new HashMap<>();
        private final List<Block> blocks = new ArrayList<>();

        @Override
        public Block offered(Action.Mail m) {
            Block block = open.get(m.host() + " " + m.client().ip());
            return block != null && m.at() < block.at() + BAN_TIME ? block : null;
        }

        @Override
        public void failed(Action.Failure f) {
            String key = f.host() + " " + f.client().ip();
            Block banned = open.get(key);
            if (banned != null && f.at() < banned.at() + BAN_TIME) {
                return;
            }
            Deque<Long> recent = failures.computeIfAbsent(key, k -> new ArrayDeque<>());
            recent.addLast(f.at());
            while (recent.peekFirst() <= f.at() - FIND_TIME) {
                recent.removeFirst();
            }
            if (recent.size() >= RETRIES) {
                recent.clear();
                Block block = new Block(true, f.client().ip(), f.at(), "reject", "fail2ban");
                open.put(key, block);
                blocks.add(block);
            }
        }

        @Override
        public List<Block> blocks() {
            return blocks;
        }
    }

    /** Several guards side by side: whichever stops a message stops it; the others do not see it then. */
    static final class Union implements Guard {
        private final List<Guard> guards;

        Union(List<Guard> guards) {
            this.guards = guards;
        }

        @Override
        public Block offered(Action.Mail mail) {
            for (Guard guard : guards) {
                Block block = guard.offered(mail);
                if (block != null) {
                    return block;
                }
            }
            return null;
        }

        @Override
        public void failed(Action.Failure failure) {
            guards.forEach(g -> g.failed(failure));
        }

        @Override
        public List<Block> blocks() {
            return guards.stream().flatMap(g -> g.blocks().stream()).toList();
        }
    }
}
