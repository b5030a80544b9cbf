package io.postbrake.simulator;

public final class Trial {
    public static void main(String[] a) throws Exception {
        java.util.List<Long> seeds = new java.util.ArrayList<>();
        for (long s = Long.parseLong(a[0]); s <= Long.parseLong(a[1]); s++) seeds.add(s);
        int users = a.length > 2 ? Integer.parseInt(a[2]) : 2000;
        System.out.println(new Evaluation(
                        users,
                        30,
                        io.postbrake.detection.DetectionConfig.defaults(),
                        Evaluation.Contenders.valueOf(a.length < 4 ? "ALL" : a[3]))
                .run(seeds, System.err::println));
    }
}
