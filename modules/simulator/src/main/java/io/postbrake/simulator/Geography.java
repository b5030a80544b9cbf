package io.postbrake.simulator;

import io.postbrake.simulator.Network.City;
import io.postbrake.simulator.Network.Use;
import io.postbrake.testkit.MmdbWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A made-up internet: real cities, invented operators and addresses. It can be written as two MaxMind DB files, one for
 * places and one for operators, so that evaluated code reads it as it reads an operator's own files.
 */
final class Geography {
    private static final List<City> CITIES = List.of(
            new City("DE", "Berlin", 52.52, 13.40),
            new City("DE", "Hamburg", 53.55, 9.99),
            new City("DE", "Munich", 48.14, 11.58),
            new City("DE", "Cologne", 50.94, 6.96),
            new City("DE", "Leipzig", 51.34, 12.37),
            new City("AT", "Vienna", 48.21, 16.37),
            new City("AT", "Graz", 47.07, 15.44),
            new City("CH", "Zurich", 47.37, 8.54),
            new City("FR", "Paris", 48.86, 2.35),
            new City("FR", "Lyon", 45.76, 4.84),
            new City("NL", "Amsterdam", 52.37, 4.90),
            new City("GB", "London", 51.51, -0.13),
            new City("ES", "Madrid", 40.42, -3.70),
            new City("ES", "Malaga", 36.72, -4.42),
            new City("IT", "Milan", 45.46, 9.19),
            new City("IT", "Naples", 40.85, 14.27),
            new City("PL", "Warsaw", 52.23, 21.01),
            new City("SE", "Stockholm", 59.33, 18.07),
            new City("GR", "Athens", 37.98, 23.73),
            new City("TR", "Istanbul", 41.01, 28.98),
            new City("US", "New York", 40.71, -74.01),
            new City("US", "San Francisco", 37.77, -122.42),
            new City("US", "Dallas", 32.78, -96.80),
            new City("BR", "Sao Paulo", -23.55, -46.63),
            new City("BR", "Recife", -8.05, -34.90),
            new City("NG", "Lagos", 6.52, 3.38),
            new City("RU", "Moscow", 55.76, 37.62),
            new City("IN", "Mumbai", 19.08, 72.88),
            new City("VN", "Hanoi", 21.03, 105.85),
            new City("CN", "Shanghai", 31.23, 121.47),
            new City("ID", "Jakarta", -6.21, 106.85),
            new City("ZA", "Johannesburg", -26.20, 28.05),
            new City("AE", "Dubai", 25.20, 55.27),
            new City("TH", "Bangkok", 13.76, 100.50),
            new City("AR", "Buenos Aires", -34.60, -58.38),
            new City("UA", "Kyiv", 50.45, 30.52));

    static final List<String> HOMELANDS = List.of("DE", "DE", "DE", "DE", "DE", "DE", "DE", "AT", "AT", "CH");
    static final List<String> NEAR = List.of("FR", "NL", "GB", "ES", "IT", "PL", "SE", "GR", "AT", "CH");
    static final List<String> FAR =
            List.of("TR", "US", "BR", "NG", "RU", "IN", "VN", "CN", "ID", "ZA", "AE", "TH", "AR", "UA");

    private final List<Network> networks = new ArrayList<>();
    private int nextBase = 0x1F000000;
    private int nextV6 = 0x100;

    Geography() {
        List<String> countries = CITIES.stream().map(City::country).distinct().toList();
        long asn = 210_000;
        for (String country : countries) {
            List<City> cities =
                    CITIES.stream().filter(c -> c.country().equals(country)).toList();
            for (int i = 0; i < 3; i++) {
                operator(++asn, country + " Broadband " + (i + 1), Use.HOME, cities, 2, i == 0);
            }
            for (int i = 0; i < 2; i++) {
                operator(++asn, country + " Mobile " + (i + 1), Use.MOBILE, cities, 2, i == 0);
            }
            operator(++asn, country + " Business Access", Use.OFFICE, cities, 4, false);
            operator(++asn, country + " Guest Networks", Use.HOTEL, cities, 1, false);
            for (int i = 0; i < 2; i++) {
                operator(++asn, country + " Hosting " + (i + 1), Use.HOSTING, cities, 2, false);
            }
        }
    }

    private void operator(long asn, String name, Use use, List<City> cities, int blocks, boolean v6) {
        for (City city : cities) {
            for (int i = 0; i < blocks; i++) {
                String prefix = v6 ? "2a0c:" + Integer.toHexString(nextV6++) + ":" : null;
                networks.add(new Network(asn, name, use, city, nextBase, prefix));
                nextBase += 1 << (32 - Network.BITS);
            }
        }
    }

    /** One network of a country for a use. */
    Network any(String country, Use use, SplittableRandom r) {
        List<Network> fitting = all(country, use);
        return fitting.get(r.nextInt(fitting.size()));
    }

    /** All networks of a country for a use, in a fixed order. */
    List<Network> all(String country, Use use) {
        return networks.stream()
                .filter(n -> n.use() == use && n.city().country().equals(country))
                .toList();
    }

    /** One network in the same city and for the same use, of whichever operator. */
    Network nearby(City city, Use use, SplittableRandom r) {
        List<Network> fitting = networks.stream()
                .filter(n -> n.use() == use && n.city().equals(city))
                .toList();
        return fitting.get(r.nextInt(fitting.size()));
    }

    /** All networks of one operator. */
    List<Network> ofOperator(long asn) {
        return networks.stream().filter(n -> n.asn() == asn).toList();
    }

    static String oneOf(List<String> names, SplittableRandom r) {
        return names.get(r.nextInt(names.size()));
    }

    /** Writes the places and the operators as MaxMind DB files. */
    void write(Path places, Path operators) throws IOException {
        Map<String, Map<String, Object>> cities = new LinkedHashMap<>();
        Map<String, Map<String, Object>> asns = new LinkedHashMap<>();
        for (Network n : networks) {
            Map<String, Object> place = Map.of(
                    "country",
                    Map.of("iso_code", n.city().country()),
                    "city",
                    Map.of("names", Map.of("en", n.city().name())),
                    "location",
                    Map.of(
                            "latitude",
                            n.city().latitude(),
                            "longitude",
                            n.city().longitude(),
                            "accuracy_radius",
                            (int) n.radiusKm()));
            Map<String, Object> operator = Map.of(
                    "autonomous_system_number",
                    (int) n.asn(),
                    "autonomous_system_organization",
                    n.organisation().toUpperCase(Locale.ROOT));
            cities.put(n.cidr(), place);
            asns.put(n.cidr(), operator);
            if (n.v6() != null) {
                cities.put(n.v6Cidr(), place);
                asns.put(n.v6Cidr(), operator);
            }
        }
        MmdbWriter.write(places, "Synthetic-City", cities);
        MmdbWriter.write(operators, "Synthetic-ASN", asns);
    }
}
