package io.postbrake.simulator;

import io.postbrake.simulator.Action.Client;
import io.postbrake.simulator.Network.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Who owns an account: where they work, live and phone, and how much they write. A person may be a machine. */
final class Person {
    private static final Set<String> MACHINES = Set.of(
            "newsletter-weekly",
            "ticket-system",
            "scanner",
            "forwarder",
            "alert-storm",
            "application-moves",
            "failover");

    final int number;
    final String account;
    final String behaviour;
    final Company company;
    final String host;
    final SplittableRandom random;
    final Network home;
    final int homeNumber;
    final boolean homeV6;
    final Network mobile;
    final List<Network> mobileExits;
    /** Mean messages on a working day. */
    final double pace;

    private final Program phone;
    private final List<Program> desktops = new ArrayList<>();
    /** Mail programs are replaced now and then: from this day on it is another one. */
    private final int replaced;

    private final Program later;
    private Client homeClient;
    private int homeUntil = -1;

    /** A customer of the mail service, with one office address for all. */
    record Company(String domain, String country, Network office, int officeNumber) {}

    Person(int number, String behaviour, Company company, String host, Geography geography, SplittableRandom random) {
        this.number = number;
        this.behaviour = behaviour;
        this.company = company;
        this.host = host;
        this.random = random;
        this.account = "user" + number + "@" + company.domain();
        this.home = geography.nearby(company.office().city(), Use.HOME, random);
        this.homeNumber = random.nextInt(1 << 20);
        this.homeV6 = home.v6() != null && random.nextInt(2) == 0;
        this.mobile = geography.nearby(company.office().city(), Use.MOBILE, random);
        this.mobileExits = geography.ofOperator(mobile.asn());
        this.pace = 0.8 + 4.2 * Draws.logNormal(random, 0, 0.55);
        boolean machine = MACHINES.contains(behaviour);
        this.phone = Program.phone(random);
        for (int i = behaviour.equals("shared-mailbox") ? 4 : 1; i > 0; i--) {
            desktops.add(machine ? Program.machine(random) : Program.desktop(random));
        }
        this.replaced = Draws.chance(random, machine ? 0.02 : 0.1) ? 1 + random.nextInt(30) : Integer.MAX_VALUE;
        this.later = machine ? Program.machine(random) : Program.desktop(random);
    }

    Client office() {
        return client(company.office(), company.office().address(company.officeNumber()));
    }

    /** The dynamic address of a household, which changes every one to five days; IPv6 privacy addresses change always. */
    Client home(int day) {
        if (homeV6) {
            return client(home, home.v6Address(homeNumber, random));
        }
        if (day > homeUntil) {
            homeClient = client(home, home.address(random));
            homeUntil = day + random.nextInt(5);
        }
        return homeClient;
    }

    /** A phone: the carrier moves it between gateways, some of them in another city. */
    Client phone() {
        Network exit = random.nextInt(4) == 0 ? mobileExits.get(random.nextInt(mobileExits.size())) : mobile;
        return exit.v6() != null && random.nextInt(3) == 0
                ? client(exit, exit.v6Address(homeNumber, random))
                : client(exit, exit.address(random));
    }

    /** The program that the owner uses on this client. */
    Program program(Client client, int day) {
        boolean hand = client.use() == Use.MOBILE
                || (client.use() == Use.HOME || client.use() == Use.HOTEL) && Draws.chance(random, 0.2);
        if (hand && !MACHINES.contains(behaviour)) {
            return phone;
        }
        return day >= replaced ? later : desktops.get(random.nextInt(desktops.size()));
    }

    static Client client(Network network, String ip) {
        return new Client(ip, network.nameOf(ip), network.use(), null);
    }
}
