package io.postbrake.detection;

import io.postbrake.event.Submission;
import io.postbrake.finding.Finding;
import io.postbrake.state.FleetCountry;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is normal for all accounts together, for those that have no history of their own: the countries that at least two
 * accounts sent from. Its state changes only when it learns something, however much mail passes.
 */
final class Fleet {
    private static final int ENOUGH_ACCOUNTS = 2;
    private static final int MAX_COUNTRIES = 300;
    private static final int MAX_TOLD = 50;
    private static final double SCORE = 0.45;
    private static final Duration REPEAT_AFTER = Duration.ofMinutes(10);
    /** A detector of accounts that looks at the fleet's memory. */
    static final Detector DETECTOR = new Detector() {
        @Override
        public String id() {
            return "new-country-for-fleet";
        }

        @Override
        public Optional<Finding> on(Profile profile, Submission event) {
            return Optional.empty();
        }
    };

    private final SubjectState before;
    private final DetectionConfig config;
    private SubjectState changed;

    Fleet(SubjectState stateOrNull, DetectionConfig config) {
        this.before = stateOrNull == null
                ? SubjectState.newBuilder().setSubjectKey(SubjectKeys.FLEET).build()
                : stateOrNull;
        this.config = config;
    }

    /** Takes an attempt of an account; the state that comes back is the one given when nothing was learnt. */
    Outputs attempt(Submission e) {
        List<Finding> findings = new ArrayList<>();
        if (e.getAccount() != null && e.getCountry() != null) {
            boolean strange = experienced() && !known(e.getCountry());
            if (strange && !toldOf(e)) {
                findings.add(finding(e));
            }
            learn(e);
        }
        SubjectState state = changed == null ? before : changed;
        return new Outputs(state, findings, List.of(), List.of(), new Outputs.BlockChange.None(), null);
    }

    private boolean experienced() {
        return before.getActiveDays() >= config.historyDays() && before.getMessages() >= config.fleetMessages();
    }

    private FleetCountry country(SubjectState state, String code) {
        return state.getFleet().stream()
                .filter(c -> c.getCode().equals(code))
                .findFirst()
                .orElse(null);
    }

    private boolean known(String code) {
        FleetCountry country = country(before, code);
        return country != null && country.getAccounts().size() >= ENOUGH_ACCOUNTS;
    }

    private boolean toldOf(Submission e) {
        Instant recently = e.getOccurredAt().minus(REPEAT_AFTER);
        return before.getFindings().stream()
                .anyMatch(f -> f.getSubject().equals(e.getAccount())
                        && f.getOccurredAt().isAfter(recently));
    }

    private Finding finding(Submission e) {
        String title = "Mail from " + e.getCountry() + ", which hardly any account of the fleet sends from";
        Finding finding = new Profile(before, config)
                .finding(DETECTOR, e, SCORE, title, 0, ENOUGH_ACCOUNTS, SubjectKeys.account(e.getAccount()))
                .setOriginSubject(SubjectKeys.FLEET)
                .build();
        List<Finding> told = new ArrayList<>(before.getFindings());
        told.removeIf(f -> f.getSubject().equals(finding.getSubject()));
        told.add(finding);
        writable().setFindings(told.size() > MAX_TOLD ? told.subList(1, told.size()) : told);
        return finding;
    }

    private void learn(Submission e) {
        if (before.getMessages() < config.fleetMessages()) {
            writable().setMessages(before.getMessages() + 1);
        }
        long day = Math.floorDiv(e.getOccurredAt().getEpochSecond(), 86_400L);
        if (before.getActiveDays() < config.historyDays() && day > before.getNewestDay()) {
            writable().setNewestDay(day);
            writable().setActiveDays(before.getActiveDays() + 1);
        }
        FleetCountry country = country(before, e.getCountry());
        long account = hash(e.getAccount());
        if (country == null && before.getFleet().size() < MAX_COUNTRIES) {
            List<FleetCountry> countries = new ArrayList<>(before.getFleet());
            countries.add(new FleetCountry(e.getCountry(), List.of(account)));
            writable().setFleet(countries);
        } else if (country != null
                && country.getAccounts().size() < ENOUGH_ACCOUNTS
                && !country.getAccounts().contains(account)) {
            List<Long> accounts = new ArrayList<>(country.getAccounts());
            accounts.add(account);
            country(writable(), e.getCountry()).setAccounts(accounts);
        }
    }

    private SubjectState writable() {
        if (changed == null) {
            changed = SubjectState.newBuilder(before).build();
        }
        return changed;
    }

    private static long hash(String account) {
        return Profile.id("account", account).getMostSignificantBits();
    }
}
