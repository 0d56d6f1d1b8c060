using Bitcoin.Hosting;
using Bitcoin.NodeHost;

if (!NodeOptions.TryParse(args, out NodeOptions? options, out string? error))
{
    Console.Error.WriteLine($"Error: {error}");
    return 1;
}

if (options.Help)
{
    Console.WriteLine(NodeOptions.HelpText);
    return 0;
}

// Named, so that the log of either side tells which thread called: the peer's worker bears the name too.
Thread.CurrentThread.Name = "main";
using StopSignals signals = new();
using NodeProcess node = new(options, Console.Out);
return node.Run(signals.Token);
