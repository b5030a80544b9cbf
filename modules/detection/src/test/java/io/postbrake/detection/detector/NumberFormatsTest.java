package io.postbrake.detection.detector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberFormatsTest {

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0,
                0.04,
                0.05,
                0.15,
                0.25,
                0.35,
                0.45,
                0.5,
                0.95,
                0.949999999,
                1,
                1.25,
                1.5,
                2.5,
                9.5,
                9.95,
                99.95,
                999_999.5,
                1e6,
                123_456_789.05,
                1e15,
                1e-5,
                9.5e-5,
                1.5e-7,
                2.5e-10,
                1e-10,
                9.49e-10,
                9.51e-100,
                1e-300,
                4e-320
            })
    void figuresAreThoseOfTheFormatter(double value) {
        assertThat(NumberFormats.whole(value)).isEqualTo(format("%.0f", value));
        assertThat(NumberFormats.tenths(value)).isEqualTo(format("%.1f", value));
        assertThat(NumberFormats.chance(value)).isEqualTo(format("%.0e", value));
    }

    @Property
    void tenthsAreThoseOfTheFormatter(@ForAll @DoubleRange(min = 0, max = 1e7) double value) {
        assertThat(NumberFormats.tenths(value)).isEqualTo(format("%.1f", value));
        assertThat(NumberFormats.whole(value)).isEqualTo(format("%.0f", value));
    }

    @Property
    void chancesAreThoseOfTheFormatter(
            @ForAll @DoubleRange(min = 0, max = 1) double digits, @ForAll @IntRange(max = 310) int exponent) {
        double chance = digits * Math.pow(10, -exponent);

        assertThat(NumberFormats.chance(chance)).isEqualTo(format("%.0e", chance));
    }

    private static String format(String how, double value) {
        return String.format(Locale.ROOT, how, value);
    }
}
