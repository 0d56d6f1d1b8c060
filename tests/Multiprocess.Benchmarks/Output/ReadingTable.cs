using System.Globalization;
using Spectre.Console;

namespace Multiprocess.Benchmarks.Output;

/// <summary>The figures for people.</summary>
internal static class ReadingTable
{
    public static void Print(IReadOnlyList<Reading> readings)
    {
        Table table = new Table().Border(TableBorder.Rounded)
            .AddColumn("figure")
            .AddColumn("placement")
            .AddColumn(new TableColumn("value").RightAligned())
            .AddColumn("unit")
            .AddColumn(new TableColumn("ratio").RightAligned())
            .AddColumn("target")
            .AddColumn("met");
        foreach (IGrouping<string, Reading> figure in readings.GroupBy(reading => reading.Name))
        {
            foreach (Reading reading in figure)
            {
                Target? target = Target.Find(reading);
                table.AddRow(
                    reading.Name,
                    reading.Placement,
                    Number(reading.Value),
                    Markup.Escape(reading.Unit),
                    reading.Ratio is { } ratio ? Number(ratio) : "",
                    target?.ToString() ?? "",
                    Met(target, reading.Ratio));
            }
        }

        if (Console.IsOutputRedirected)
        {
            // Nobody's window is asked for its width there, and lines are not to be broken.
            AnsiConsole.Profile.Width = 120;
            AnsiConsole.Profile.Capabilities.Ansi = false;
        }

        AnsiConsole.Write(table);
    }

    private static string Met(Target? target, double? ratio)
        => target is null || ratio is null ? "" : target.IsMet(ratio.Value) ? "[green]yes[/]" : "[red]no[/]";

    private static string Number(double value) => value.ToString(
        Math.Abs(value) switch
        {
            0 => "0",
            < 0.1 => "0.0000",
            < 10 => "0.00",
            < 1000 => "0.0",
            _ => "#,##0",
        },
        CultureInfo.InvariantCulture);
}
