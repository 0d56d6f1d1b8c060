using System.CommandLine;
using Bitcoin.Benchmarks.Figures;
using Bitcoin.Benchmarks.Support;
using Multiprocess.Benchmarks.Output;

return args switch
{
    [Programs.EmptyArgument] => 0,
    [Programs.HoldArgument, var file] => Programs.Hold(file),
    _ => Measure(args),
};

static int Measure(string[] args)
{
    const int Rounds = 5;
    const int QuickRounds = 3;
    (string Name, Action<Bench> Measure)[] figures =
    [
        ("blocks", Validation.Connect),
        ("signatures", Validation.Signatures),
        ("generate", Programs.Generate),
        ("rpc", Programs.Methods),
        ("start", Programs.Starts),
        ("memory", Programs.Memory),
        ("first-page", FirstPage.Measure),
    ];
    Option<bool> quick = new("--quick") { Description = "Fewer rounds with less in each, and less exact." };
    Option<bool> json = new("--json") { Description = "One object per line and figure instead of a table." };
    Option<string[]> only = new("--figures")
    {
        Description = $"Only these: {string.Join(", ", figures.Select(static figure => figure.Name))}.",
        AllowMultipleArgumentsPerToken = true,
    };
    only.AcceptOnlyFromAmong([.. figures.Select(static figure => figure.Name)]);
    RootCommand command = new(
        "Measures the Bitcoin programs beside NBitcoin alone, and one deployment beside the other.")
    {
        quick,
        json,
        only,
    };
    command.SetAction(parsed =>
    {
        List<Reading> readings = [];
        bool isQuick = parsed.GetValue(quick);
        Bench bench = new(isQuick ? QuickRounds : Rounds, isQuick, reading =>
        {
            readings.Add(reading);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(reading.ToJson());
            }
        });
        foreach ((string name, Action<Bench> measure) in figures)
        {
            if (parsed.GetValue(only) is not { Length: > 0 } names || names.Contains(name))
            {
                measure(bench);
            }
        }

        if (!parsed.GetValue(json))
        {
            ReadingTable.Print(readings);
        }
    });
    return command.Parse(args).Invoke();
}
