package io.postbrake.cli.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpansionTest {

    private static final Map<String, String> NAMES = Map.of(
            "a", "one",
            "empty", "",
            "b", "$a two",
            "loop", "x $loop",
            "level", "3.6",
            "braces", "{ $a }");

    /** What Postfix 3.7's own postconf -x makes of them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            $a                                  | one
            ${a} $(a) ${ a }                    | one one one
            <$b>                                | <one two>
            $$a costs $                         | $a costs $
            ${a?yes} ${empty?no}.               | yes .
            $(a?yes)                            | yes
            ${empty:other} ${a:not}.            | other .
            ${a?{yes, $a}:{no}}                 | yes, one
            ${empty?{yes}:{no $a}}              | no one
            ${empty ? {yes} : {no}}             | no
            ${a?{yes}:no}                       | yes
            <${a?{ yes }:{ no }}>               | < yes >
            <${a?{ {nested} }}>                 | < {nested} >
            ${{$a} == {one} ? {same} : {other}} | same
            ${{$level} < {10} ? {low} : {high}} | high
            ${{9} < {10} ? {low} : {high}}      | low
            ${{10}<{9}?{l}:{g}}                 | g
            ${{$level} <level {1} ? {} : {set}} | set
            ${{$level} <level {10} ? {l} : {g}} | l
            ${{$a} == {one}}                    | true
            <${{$a} != {one}}>                  | <>
            $braces                             | { one }
            $nobody.                            | .
            ${unclosed                          | ${unclosed
            $-                                  | $-
            """)
    void aReferenceIsWhatPostfixMakesOfIt(String written, String expected) {
        assertThat(new Expansion(n -> NAMES.getOrDefault(n, "")).of(written)).isEqualTo(expected);
    }

    @Property
    void anyTextEndsAndOneWithoutReferencesStays(
            @ForAll @Chars({'$', '{', '}', '?', ':', 'a', '=', ' ', '('}) String text) {
        String expanded = new Expansion(n -> "$a${a?{$a$a}}").of(text);

        assertThat(expanded).isNotNull();
        if (text.indexOf('$') < 0) {
            assertThat(expanded).isEqualTo(text);
        }
    }
}
