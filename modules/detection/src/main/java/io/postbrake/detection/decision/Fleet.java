package io.postbrake.detection.decision;

import io.postbrake.alert.Alert;
import io.postbrake.detection.brake.FleetBrake;
import io.postbrake.detection.config.DetectionConfig;
import io.postbrake.detection.detector.NewCountryForFleet;
import io.postbrake.detection.detector.NewNetwork;
import io.postbrake.detection.detector.Risk;
import io.postbrake.detection.profile.Origins;
import io.postbrake.detection.subject.Ids;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.finding.Evidence;
import io.postbrake.finding.Finding;
import io.postbrake.state.FleetPlace;
import io.postbrake.state.Newcomer;
import io.postbrake.state.ResolvedIncident;
import io.postbrake.state.SubjectState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is normal for all accounts together: the countries and networks that they send from. An account tells it of each network
 * that is new for the account, and is answered whether many send from there or hardly anybody does. So the fleet hears a few
 * words of an account in its life, not every message.
 */
final class Fleet {
    static final String USUAL = "usual-for-fleet";
    private static final int ENOUGH_ACCOUNTS = 2;
    private static final int KEPT_ACCOUNTS = 4;
    private static final int MAX_PLACES = 3000;
    private static final double USUAL_SHARE = 0.05;
    /** Arrivals may be out of order by so much: who came later than that is not counted yet. */
    private static final Duration LATE = Duration.ofMinutes(1);

    private final SubjectState state;
    private final DetectionConfig config;
    private final NewCountryForFleet rare;
    private final FleetHistory history;
    private final FleetBrake brake;
    private final List<Finding> answers = new ArrayList<>();
    private final List<Alert> alerts = new ArrayList<>();
    private final List<String> forgotten = new ArrayList<>();

    Fleet(SubjectState stateOrNull, DetectionConfig config) {
        this.state = stateOrNull == null
                ? SubjectState.newBuilder().setSubjectKey(SubjectKeys.FLEET).build()
                : Flat.copy(stateOrNull, new SubjectState());
        this.config = config;
        this.rare = config.detectors().only(NewCountryForFleet.class);
        this.history = new FleetHistory(state, config);
        this.brake = new FleetBrake(state, config, alerts, answers);
    }

    /** An account began to send from somewhere. */
    Outputs told(Finding news) {
        if (news.getReadAt() != null) {
            history.reading(news.getReadAt());
        }
        if (news.getDetector().equals(NewNetwork.ID) && !news.getEvidence().isEmpty()) {
            Evidence e = news.getEvidence().get(0);
            String account = news.getOriginSubject();
            Instant at = news.getOccurredAt();
            if (experienced(at) && e.getCountry() != null && !NewNetwork.corrects(e)) {
                answer(account, e, at, news.getReadAt()).ifPresent(answers::add);
            }
            learn(account, e, at);
        } else if (news.getDetector().equals(PastJudgement.NEWS)) {
            history.add(news);
        } else if (news.getDetector().equals(FleetBrake.ACTIVE)) {
            brake.active(news);
        } else if (news.getDetector().equals(FleetBrake.STOPPED)) {
            Instant tick = state.getLastTickAt();
            Instant at = news.getOccurredAt();
            brake.stopped(news, tick == null || at.isAfter(tick) ? at : tick);
        }
        return outputs();
    }

    /** Time passes: what is due by then happens. */
    Outputs tick(Instant now) {
        state.setLastTickAt(now);
        history.pass(now, alerts);
        brake.pass(now);
        List<ResolvedIncident> resolved = new ArrayList<>(state.getResolved());
        for (Alert alert : alerts) {
            if (alert.getState().equals("RESOLVED")) {
                resolved.add(new ResolvedIncident(alert.getIncidentId().toString(), now));
            }
        }
        while (!resolved.isEmpty()
                && !now.isBefore(resolved.get(0).getAt().plus(config.alert().keep()))) {
            forgotten.add(resolved.remove(0).getIncidentId());
        }
        state.setResolved(resolved);
        return outputs();
    }

    Outputs outputs() {
        return new Outputs(state, answers, alerts, forgotten, new Outputs.BlockChange.None(), deadline());
    }

    /** When the fleet next needs a tick; null when it does not. */
    Instant deadline() {
        Instant forget = state.getResolved().isEmpty()
                ? null
                : state.getResolved().get(0).getAt().plus(config.alert().keep());
        return Stream.of(Optional.ofNullable(forget), history.deadline(), brake.deadline())
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    private boolean experienced(Instant at) {
        return state.getFirstSeenAt() != null
                && !state.getFirstSeenAt().plus(Duration.ofDays(rare.days())).isAfter(at)
                && state.getMessages() >= rare.accounts();
    }

    private Optional<Finding> answer(String account, Evidence e, Instant at, Instant readAtOrNull) {
        FleetPlace country = place(e.getCountry());
        long others = country == null
                ? 0
                : country.getAccounts().stream()
                        .filter(n -> !n.getAccount().equals(hash(account)))
                        .filter(n -> n.getAt().isBefore(at.minus(LATE)))
                        .count();
        if (others < ENOUGH_ACCOUNTS) {
            String title = "Mail from " + e.getCountry() + ", which hardly any account of the fleet sends from";
            return Optional.of(finding(
                    NewCountryForFleet.ID, account, e, at, readAtOrNull, title, NewCountryForFleet.WEIGHT, false));
        }
        if (country.getCount() >= USUAL_SHARE * state.getMessages()) {
            String title = "Many accounts of the fleet send from " + e.getCountry();
            return Optional.of(finding(USUAL, account, e, at, readAtOrNull, title, 0, true));
        }
        return Optional.empty();
    }

    private Finding finding(
            String by,
            String account,
            Evidence e,
            Instant at,
            Instant readAtOrNull,
            String title,
            double weight,
            boolean observeOnly) {
        Evidence evidence = Evidence.newBuilder(e).setText(title).build();
        return Finding.newBuilder()
                .setFindingId(Ids.of(
                        "finding",
                        by,
                        account,
                        at.toEpochMilli(),
                        Origins.name(e.getAsn(), e.getCountry(), e.getClientIp())))
                .setSubject(SubjectKeys.bare(account))
                .setSubjectType(SubjectKeys.type(account))
                .setDetector(by)
                .setScore(Risk.score(weight, config.profile().prior()))
                .setObserveOnly(observeOnly || config.dryRun().contains(by))
                .setDryRun(config.dryRun().contains(by))
                .setTitle(title)
                .setOccurredAt(at)
                .setReadAt(readAtOrNull)
                .setHostId(e.getHostId())
                .setOriginSubject(SubjectKeys.FLEET)
                .setEvidence(List.of(evidence))
                .build();
    }

    private void learn(String account, Evidence e, Instant at) {
        state.setFirstSeenAt(
                state.getFirstSeenAt() == null || at.isBefore(state.getFirstSeenAt()) ? at : state.getFirstSeenAt());
        state.setLastSeenAt(
                state.getLastSeenAt() == null || at.isAfter(state.getLastSeenAt()) ? at : state.getLastSeenAt());
        if (e.getCountry() == null) {
            return;
        }
        long counts = NewNetwork.corrects(e) ? 0 : 1;
        state.setMessages(state.getMessages() + counts);
        FleetPlace country = place(e.getCountry());
        List<FleetPlace> places = new ArrayList<>(state.getPlaces());
        if (country == null) {
            if (places.size() >= MAX_PLACES) {
                return;
            }
            country = new FleetPlace(e.getCountry(), List.of(), 0L);
            places.add(country);
        }
        List<Newcomer> first = new ArrayList<>(country.getAccounts());
        String hash = hash(account);
        Newcomer known = first.stream()
                .filter(n -> n.getAccount().equals(hash))
                .findFirst()
                .orElse(null);
        if (known == null) {
            first.add(new Newcomer(hash, at, false));
        } else if (at.isBefore(known.getAt())) {
            first.remove(known);
            first.add(new Newcomer(hash, at, false));
        }
        first.sort(Comparator.comparing(Newcomer::getAt).thenComparing(Newcomer::getAccount));
        if (first.size() > KEPT_ACCOUNTS) {
            first = first.subList(0, KEPT_ACCOUNTS);
        }
        String code = country.getName();
        places.replaceAll(p -> p.getName().equals(code) ? Flat.copy(p, new FleetPlace()) : p);
        FleetPlace own = places.stream()
                .filter(p -> Objects.equals(p.getName(), code))
                .findFirst()
                .orElseThrow();
        own.setAccounts(new ArrayList<>(first));
        own.setCount(own.getCount() + counts);
        state.setPlaces(places);
    }

    private FleetPlace place(String name) {
        return state.getPlaces().stream()
                .filter(p -> p.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static String hash(String account) {
        return Long.toString(Ids.of("account", account).getMostSignificantBits(), 36);
    }
}
