using System.Diagnostics;
using Bitcoin.Benchmarks.Support;

namespace Bitcoin.Benchmarks.Figures;

/// <summary>The programs in either deployment: what the cut into processes costs.</summary>
internal static class Programs
{
    /// <summary>Makes this program end at once: the cost of a .NET process.</summary>
    internal const string EmptyArgument = "empty";

    /// <summary>Makes this program hold the first blocks with NBitcoin alone, and print its memory.</summary>
    internal const string HoldArgument = "hold";

    private const string FirstBlocks = "blocks/mainnet-000000-004521.blk";
    private const int LastHeight = 4521;
    private const string Single = "bitcoind";
    private const string Several = "bitcoin-node";

    /// <summary>Blocks mined on request.</summary>
    internal static void Generate(Bench bench)
    {
        int count = bench.IsQuick ? 50 : 200;
        using NodeProcess single = Start(Single);
        using NodeProcess several = Start(Several);
        string address = single.Call("getnewaddress")!.GetValue<string>();
        double[] seconds = bench.Seconds(
            () => Alone.Mine(count),
            () => single.Call("generatetoaddress", count, address),
            () => several.Call("generatetoaddress", count, address));
        bench.Baseline("generate-alone", count / seconds[0], "blocks/s");
        bench.Figure($"generate-{Single}", count / seconds[1], "blocks/s", seconds[0] / seconds[1]);
        bench.Figure($"generate-{Several}", count / seconds[2], "blocks/s", seconds[0] / seconds[2]);
    }

    /// <summary>
    /// Methods by HTTP: one that the node answers itself, and one that the wallet answers, in a process of its own or
    /// not. The ratio is bitcoin-node's to bitcoind's.
    /// </summary>
    internal static void Methods(Bench bench)
    {
        int count = bench.IsQuick ? 300 : 2000;
        using NodeProcess single = Start(Single);
        using NodeProcess several = Start(Several);
        foreach ((string name, string method) in new[] { ("rpc", "getblockcount"), ("rpc-wallet", "getbalances") })
        {
            double[] seconds = bench.Seconds(() => Repeat(single, method, count), () => Repeat(several, method, count));
            bench.Baseline($"{name}-{Single}", count / seconds[0], "calls/s");
            bench.Figure($"{name}-{Several}", count / seconds[1], "calls/s", seconds[0] / seconds[1]);
        }
    }

    /// <summary>From the start of the program to its first answer, beside the start of an empty .NET process.</summary>
    internal static void Starts(Bench bench)
    {
        double[] seconds = bench.Seconds(
            static () =>
            {
                using Process empty = Process.Start(Environment.ProcessPath!, EmptyArgument);
                empty.WaitForExit();
            },
            static () => StartOnly(Single),
            static () => StartOnly(Several));
        bench.Baseline("start-empty", seconds[0] * 1000, "ms");
        bench.Figure($"start-{Single}", seconds[1] * 1000, "ms", seconds[1] / seconds[0]);
        bench.Figure($"start-{Several}", seconds[2] * 1000, "ms", seconds[2] / seconds[0]);
    }

    /// <summary>The memory of all processes of a node that holds the first blocks.</summary>
    internal static void Memory(Bench bench)
    {
        if (Places.Data("memory", FirstBlocks) is not { } file)
        {
            return;
        }

        double alone = MemoryAlone(file);
        bench.Baseline("memory-alone", alone, "MB");
        foreach (string program in new[] { Single, Several })
        {
            using NodeProcess node = new(program, network: "", $"-loadblock={file}");
            node.WaitUntilAnswering();
            node.Wait(() => node.Call("getblockcount")!.GetValue<int>() == LastHeight);
            double memory = Tree(node.Process.Id).Sum(Resident);
            bench.Figure($"memory-{program}", memory, "MB", memory / alone);
        }
    }

    /// <summary>Holds the blocks' headers and coins, prints the memory of this process, and ends.</summary>
    internal static int Hold(string file)
    {
        (NBitcoin.ConcurrentChain chain, Dictionary<NBitcoin.OutPoint, NBitcoin.TxOut> coins) = Alone.Connect(
            Alone.Read(file));
        Console.WriteLine(Resident(Environment.ProcessId).ToString(System.Globalization.CultureInfo.InvariantCulture));
        return chain.Height == LastHeight && coins.Count > 0 ? 0 : 1;
    }

    private static NodeProcess Start(string program)
    {
        NodeProcess node = new NodeProcess(program, "regtest").WaitUntilAnswering();
        node.Call("createwallet", "bench");
        return node;
    }

    private static void StartOnly(string program)
    {
        using NodeProcess node = new NodeProcess(program, "regtest").WaitUntilAnswering();
    }

    private static void Repeat(NodeProcess node, string method, int count)
    {
        for (int i = 0; i < count; i++)
        {
            node.Call(method);
        }
    }

    private static double MemoryAlone(string file)
    {
        using Process holder = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [HoldArgument, file]) { RedirectStandardOutput = true })!;
        string text = holder.StandardOutput.ReadToEnd();
        holder.WaitForExit();
        return double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A process and all below it.</summary>
    private static IEnumerable<int> Tree(int process)
        => File.ReadAllText($"/proc/{process}/task/{process}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(static child => Tree(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture)))
            .Prepend(process);

    /// <summary>The resident memory of a process, in megabytes.</summary>
    private static double Resident(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status")
            .First(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        string kilobytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
        return double.Parse(kilobytes, System.Globalization.CultureInfo.InvariantCulture) / 1000;
    }
}
