package io.postbrake.detection.detector;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.postbrake.detection.config.DetectionConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class DetectorListTest {

    @Test
    void everyDetectorIsOnTheListOnceAndMayBeOnDryRun() {
        JavaClasses sources = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.postbrake.detection.detector");
        List<String> written = sources.stream()
                .filter(c -> c.isAssignableTo(FindingSource.class) && !c.isInterface())
                .map(JavaClass::getName)
                .toList();

        List<FindingSource> listed = DetectionConfig.defaults().detectors().all();

        assertThat(listed)
                .extracting(detector -> detector.getClass().getName())
                .containsExactlyInAnyOrderElementsOf(written);
        assertThat(listed).extracting(FindingSource::id).doesNotHaveDuplicates();
    }
}
