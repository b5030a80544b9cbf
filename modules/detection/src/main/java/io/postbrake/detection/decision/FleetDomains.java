package io.postbrake.detection.decision;

import io.postbrake.detection.subject.StableIds;
import io.postbrake.detection.subject.SubjectKeys;
import io.postbrake.state.FleetPlace;
import io.postbrake.state.SubjectState;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * From which countries the accounts of a domain began to send, by a hash of its name: kept among the fleet's places, bounded. What is not
 * kept says nothing.
 */
final class FleetDomains {
    /** Domains, and their countries, together. */
    private static final int MAX = 1000;
    /** Beginnings of a domain from which on its countries say something. */
    private static final int ENOUGH = 20;

    private static final String MARK = "@";

    private final SubjectState state;

    FleetDomains(SubjectState state) {
        this.state = state;
    }

    /** Share of a country in the beginnings of an account's domain; empty while these are too few to tell. */
    OptionalDouble share(String account, String country) {
        String domain = domain(account);
        long of = count(domain);
        return of < ENOUGH ? OptionalDouble.empty() : OptionalDouble.of((double) count(domain + '/' + country) / of);
    }

    /** An account began to send from a country. */
    void began(String account, String country) {
        String domain = domain(account);
        String here = domain + '/' + country;
        List<FleetPlace> places = new ArrayList<>(state.getPlaces());
        long kept = places.stream().filter(p -> p.getName().startsWith(MARK)).count();
        boolean known = count(domain) > 0;
        if (kept + 2 > MAX && count(here) == 0) {
            // A domain some of whose countries are not kept would find these new for ever: it says nothing any more.
            if (known
                    && places.removeIf(
                            p -> p.getName().equals(domain) || p.getName().startsWith(domain + '/'))) {
                state.setPlaces(places);
            }
            return;
        }
        countOne(places, domain);
        countOne(places, here);
        state.setPlaces(places);
    }

    private static void countOne(List<FleetPlace> places, String name) {
        for (int i = 0; i < places.size(); i++) {
            FleetPlace place = places.get(i);
            if (place.getName().equals(name)) {
                places.set(i, new FleetPlace(name, List.of(), place.getCount() + 1));
                return;
            }
        }
        places.add(new FleetPlace(name, List.of(), 1L));
    }

    private long count(String name) {
        for (FleetPlace place : state.getPlaces()) {
            if (place.getName().equals(name)) {
                return place.getCount();
            }
        }
        return 0;
    }

    /** Logins without a domain are of one. */
    private static String domain(String account) {
        String login = SubjectKeys.bare(account);
        String name = login.substring(login.lastIndexOf('@') + 1);
        boolean alone = name.length() == login.length();
        return MARK + Long.toString(StableIds.of("domain", alone ? "" : name).getMostSignificantBits(), 36);
    }
}
