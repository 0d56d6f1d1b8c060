using System.Diagnostics;

namespace Multiprocess.Stress;

/// <summary>One run of the stress program; each form returns the exit code.</summary>
internal sealed class StressRun(
    int seed,
    int threads,
    TimeSpan duration,
    int kills,
    IpcLocalTransport transport)
{
    // Pools and tables grow to what the busiest moment needs; 16 MiB of it are arrays of large messages, which the
    // process keeps. A leak of one small object in a hundred calls is more than this.
    private const long AllowedGrowthBytes = 24L * 1024 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private int _startedThreads;

    /// <summary>Both ends in this process.</summary>
    public int InProcess(IpcTestTransport pairTransport)
    {
        StressTarget target = null!;
        using var pair = IpcTestPair.Create<IStress>(
            connection => target = new StressTarget(connection), new IpcTestPairOptions { Transport = pairTransport });
        return Run(pair.Root, pair.Client, () => StressState.Of(pair.Server, target.Handlers));
    }

    /// <summary>This process calls a child.</summary>
    public int TwoProcesses()
    {
        using var child = IpcChildProcess.Spawn<IStress>(
            Environment.ProcessPath!, new IpcSpawnOptions { LocalTransport = transport });
        Console.WriteLine($"process {Environment.ProcessId} calls process {child.Id}");
        return Run(child.Root, child.Connection);
    }

    /// <summary>This process calls one that serves already.</summary>
    public int Connected(string address)
    {
        using IpcConnection<IStress> connection = IpcConnection.Connect<IStress>(
            address, new IpcConnectionOptions { LocalTransport = transport });
        Console.WriteLine($"process {Environment.ProcessId} calls process {connection.Peer.ProcessId}");
        return Run(connection.Root, connection);
    }

    /// <summary>
    /// Starts a child, calls it from all threads, kills it at a random moment; until the time is over.
    /// </summary>
    public int Kill()
    {
        var random = new Random(seed);
        long start = Stopwatch.GetTimestamp();
        int killed = 0;
        long calls = 0;
        long firstHeap = 0;
        while (kills > 0 ? killed < kills : Stopwatch.GetElapsedTime(start) < duration)
        {
            using var child = IpcChildProcess.Spawn<IStress>(
                Environment.ProcessPath!, new IpcSpawnOptions { LocalTransport = transport });
            var outcomes = new List<Exception?>();
            Thread[] callers = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
            {
                var caller = new StressCaller(child.Root, (seed * 1_000_000) + (killed * 100) + index);
                Exception? outcome = null;
                try
                {
                    caller.Run(() => false);
                }
                catch (Exception exception)
                {
                    outcome = exception;
                }

                lock (outcomes)
                {
                    outcomes.Add(outcome);
                    calls += caller.Calls;
                }
            })
            {
                Name = StressState.CallerName,
            })];
            Array.ForEach(callers, caller => caller.Start());
            Thread.Sleep(random.Next(80));
            child.Kill();
            if (!Array.TrueForAll(callers, caller => caller.Join(s_patience)))
            {
                Console.WriteLine($"HANG after kill {killed}: {outcomes.Count} of {threads} threads ended.");
                return 2;
            }

            if (outcomes.FirstOrDefault(outcome => !IsLoss(outcome)) is { } wrong)
            {
                Console.WriteLine($"UNTYPED after kill {killed}: {wrong}");
                return 2;
            }

            if (!Wait(
                () => StressState.Of(
                    child.Connection, 0) is { Exports: 0, Imports: 0, Workers: 0, Calls: 0, NamedThreads: <= 0 }))
            {
                Console.WriteLine($"LEAK after kill {killed}: {StressState.Of(child.Connection, 0)}");
                return 2;
            }

            if (++killed == 20)
            {
                firstHeap = StressState.Of(child.Connection, 0).HeapBytes;
            }
        }

        long heap = GC.GetTotalMemory(forceFullCollection: true);
        Console.WriteLine(
            $"{killed} kills, {calls:N0} operations, 0 hangs, 0 untyped exceptions, 0 leaks, heap "
                + $"{Mebibytes(firstHeap)} after 20 kills and {Mebibytes(heap)} now, seed {seed}, "
                + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s");
        return firstHeap > 0 && heap > firstHeap + AllowedGrowthBytes ? 2 : 0;
    }

    private static bool IsLoss(Exception? outcome) => outcome switch
    {
        IpcDisconnectedException => true,
        AggregateException several => several.InnerExceptions.All(IsLoss),
        _ => false,
    };

    /// <summary>Only the root is held, only the thread that asks has a worker, and nothing runs.</summary>
    private static bool IsQuiet(StressState client, StressState server, bool isOneProcess)
        => client is { Exports: 0, Imports: <= 1, Workers: 0, Calls: 0 }
            && server is { Exports: <= 1, Imports: 0, Workers: <= 1, Calls: 0, Handlers: 0, NamedThreads: <= 1 }
            && client.NamedThreads <= (isOneProcess ? 1 : 0);

    private static bool Wait(Func<bool> until)
    {
        long start = Stopwatch.GetTimestamp();
        while (!until())
        {
            if (Stopwatch.GetElapsedTime(start) > s_patience)
            {
                return false;
            }

            Thread.Sleep(20);
        }

        return true;
    }

    private static string Mebibytes(long bytes) => $"{bytes / 1024.0 / 1024.0:N1} MiB";

    private static string Describe(string name, StressState state)
        => $"{name}: exports {state.Exports}, imports {state.Imports}, workers {state.Workers}, calls {state.Calls}, "
            + $"handlers {state.Handlers}, named threads {state.NamedThreads}, heap {Mebibytes(state.HeapBytes)}, "
            + $"resident {Mebibytes(state.ResidentBytes)}";

    // The call that asks is one that runs.
    private int Run(IStress root, IpcConnection client)
        => Run(root, client, () => root.State() is var state ? state with { Calls = state.Calls - 1 } : null!);

    /// <summary>Calls for a fifth of the time, looks at both sides, calls for the rest, and looks again.</summary>
    private int Run(IStress root, IpcConnection client, Func<StressState> server)
    {
        TimeSpan warming = duration / 5;
        if (!Phase(root, client, server, warming, seed, out long warm, out StressState[] before)
            || !Phase(
                root, client, server, duration - warming, seed + 1_000_000, out long calls, out StressState[] after))
        {
            return 2;
        }

        Console.WriteLine(
            $"{warm + calls:N0} operations by {threads} threads at a time, {_startedThreads:N0} in all, in "
                + $"{duration.TotalSeconds:N0} s, seed {seed}");
        for (int side = 0; side < 2; side++)
        {
            Console.WriteLine($"before, {Describe(side == 0 ? "client" : "server", before[side])}");
            Console.WriteLine($"after, {Describe(side == 0 ? "client" : "server", after[side])}");
            if (after[side].HeapBytes > before[side].HeapBytes + AllowedGrowthBytes)
            {
                Console.WriteLine("GROWTH of memory");
                return 2;
            }
        }

        return 0;
    }

    private bool Phase(
        IStress root,
        IpcConnection client,
        Func<StressState> server,
        TimeSpan length,
        int firstSeed,
        out long calls,
        out StressState[] states)
    {
        (calls, Exception? failure) = Call(root, length, firstSeed);
        StressState[] seen = [];
        states = seen;
        if (failure is not null)
        {
            Console.WriteLine($"FAILED, seed {seed}: {failure}");
            return false;
        }

        bool isOneProcess = client.Peer.ProcessId == Environment.ProcessId;
        bool isQuiet = Wait(() =>
        {
            seen = [StressState.Of(client, 0), server()];
            return IsQuiet(seen[0], seen[1], isOneProcess);
        });
        states = seen;
        if (!isQuiet)
        {
            Console.WriteLine($"LEAK, seed {seed}; {Describe("client", seen[0])}; {Describe("server", seen[1])}");
        }

        return isQuiet;
    }

    /// <summary>
    /// Has so many threads call at a time, each a few hundred steps: then it ends, and the next one comes.
    /// </summary>
    private (long Calls, Exception? Failure) Call(IStress root, TimeSpan length, int firstSeed)
    {
        long end = Stopwatch.GetTimestamp() + (long)(length.TotalSeconds * Stopwatch.Frequency);
        Exception? failure = null;
        long calls = 0;
        bool IsOver() => Stopwatch.GetTimestamp() > end || Volatile.Read(ref failure) is not null;

        void CallOnce(int callerSeed)
        {
            var caller = new StressCaller(root, callerSeed);
            try
            {
                long steps = new Random(callerSeed).Next(50, 2000);
                caller.Run(() => IsOver() || caller.Calls >= steps);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }

            Interlocked.Add(ref calls, caller.Calls);
        }

        Thread[] slots = [.. Enumerable.Range(0, threads).Select(slot => new Thread(() =>
        {
            for (int round = 0; !IsOver(); round++)
            {
                int callerSeed = firstSeed + (slot * 10_000) + round;
                var thread = new Thread(() => CallOnce(callerSeed)) { Name = StressState.CallerName };
                thread.Start();
                Interlocked.Increment(ref _startedThreads);
                if (!thread.Join(length + s_patience))
                {
                    Interlocked.CompareExchange(
                        ref failure, new StressFailure($"A thread did not end, seed {callerSeed}."), null);
                }
            }
        }))];
        Array.ForEach(slots, thread => thread.Start());
        Array.ForEach(slots, thread => thread.Join());
        return (Interlocked.Read(ref calls), failure);
    }
}
