using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Metrics;

/// <summary>Holds the meter to its table in src/README.md, line by line.</summary>
public sealed partial class MeterDocumentTests
{
    [Test]
    public void Document_lists_every_instrument_with_kind_and_unit()
    {
        using IpcTestPair<IStage> pair = IpcTestPair.Create<IStage>(new Stage());
        using var meter = new TestMeter();

        string[] instruments =
            [
                .. meter.Instruments.Select(instrument => $"{instrument.Name} {KindOf(instrument)} {instrument.Unit}"),
            ];

        Assert.That(instruments, Is.Not.Empty);
        Assert.That(
            Documents.Rows("src/README.md", Row()).Select(row => $"{row[1]} {row[2]} {row[3]}"),
            Is.EquivalentTo(instruments));
    }

    [Test]
    public void No_measurement_has_a_tag_that_the_document_does_not_list()
    {
        var documented = Documents.Rows("src/README.md", Row()).ToDictionary(
            row => row[1], row => row[4].Split([' ', ',', '`'], StringSplitOptions.RemoveEmptyEntries));
        using var meter = new TestMeter();
        using IpcTestPair<IStage> pair = IpcTestPair.Create<IStage>(new Stage());
        pair.Root.CallBack(1, x => x);
        pair.Root.Post(1);

        IReadOnlyList<Measured> pushed = meter.All;
        _ = meter.Look("multiprocess.objects");
        Measured[] all = [.. pushed, .. meter.All];

        Assert.That(all.Select(measured => measured.Name).Distinct().Count(), Is.GreaterThanOrEqualTo(8));
        foreach (Measured measured in all)
        {
            Assert.That(measured.Tags.Keys, Is.SubsetOf(documented[measured.Name]), measured.Name);
        }
    }

    private static string KindOf(Instrument instrument) => instrument switch
    {
        Counter<long> => "counter",
        Histogram<double> => "histogram",
        ObservableCounter<long> => "observable counter",
        ObservableUpDownCounter<int> or ObservableUpDownCounter<long> => "observable up-down counter",
        _ => throw new AssertionException($"The document has no word for {instrument.GetType()}."),
    };

    // | `name` | kind | `unit` | tags | meaning |
    [GeneratedRegex(@"^\| `(multiprocess\.[a-z_.]+)` \| ([a-z -]+) \| `([^`]+)` \|([^|]*)\| [^|]+ \|$")]
    private static partial Regex Row();
}
