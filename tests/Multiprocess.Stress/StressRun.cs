using System.Diagnostics;

namespace Multiprocess.Stress;

/// <summary>One run of the stress program; each form returns the exit code.</summary>
internal sealed class StressRun(int seed, int threads, TimeSpan duration)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Both ends in this process.</summary>
    public int InProcess(IpcTestTransport transport)
    {
        using var pair = IpcTestPair.Create<IStress>(new StressTarget(), new IpcTestPairOptions { Transport = transport });
        return Report(Call(pair.Root), () => $"live objects {pair.LiveObjects}, workers {pair.WorkerThreads}", () => IsQuiet(pair.Client) && IsQuiet(pair.Server));
    }

    /// <summary>This process calls a child.</summary>
    public int TwoProcesses()
    {
        using var child = IpcChildProcess.Spawn<IStress>(Environment.ProcessPath!);
        Console.WriteLine($"process {Environment.ProcessId} calls process {child.Id}");
        return Report(Call(child.Root), () => Describe(child.Connection), () =>
        {
            child.Root.Collect();
            return IsQuiet(child.Connection);
        });
    }

    /// <summary>This process calls one that serves already.</summary>
    public int Connected(string address)
    {
        using IpcConnection<IStress> connection = IpcConnection.Connect<IStress>(address);
        Console.WriteLine($"process {Environment.ProcessId} calls process {connection.Peer.ProcessId}");
        return Report(Call(connection.Root), () => Describe(connection), () => IsQuiet(connection));
    }

    /// <summary>Starts a child, calls it from all threads, kills it at a random moment; until the time is over.</summary>
    public int Kill()
    {
        var random = new Random(seed);
        long start = Stopwatch.GetTimestamp();
        int kills = 0;
        long calls = 0;
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            using var child = IpcChildProcess.Spawn<IStress>(Environment.ProcessPath!);
            var outcomes = new List<Exception?>();
            Thread[] callers = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
            {
                var caller = new StressCaller(child.Root, random.Next() + index);
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
            }))];
            Array.ForEach(callers, caller => caller.Start());
            Thread.Sleep(random.Next(80));
            child.Kill();
            if (!Array.TrueForAll(callers, caller => caller.Join(s_patience)))
            {
                Console.WriteLine($"HANG after kill {kills}: {outcomes.Count} of {threads} threads ended.");
                return 2;
            }

            if (outcomes.FirstOrDefault(outcome => !IsLoss(outcome)) is { } wrong)
            {
                Console.WriteLine($"UNTYPED after kill {kills}: {wrong}");
                return 2;
            }

            if (child.Connection.LiveExports + child.Connection.LiveImports + child.Connection.WorkerThreads > 0 && !Wait(() => child.Connection.LiveExports + child.Connection.LiveImports + child.Connection.WorkerThreads == 0))
            {
                Console.WriteLine($"LEAK after kill {kills}: {Describe(child.Connection)}");
                return 2;
            }

            kills++;
        }

        Console.WriteLine($"{kills} kills, {calls:N0} calls, 0 hangs, 0 untyped exceptions, 0 leaks, seed {seed}");
        return 0;
    }

    private static bool IsLoss(Exception? outcome) => outcome switch
    {
        IpcDisconnectedException => true,
        AggregateException several => several.InnerExceptions.All(IsLoss),
        _ => false,
    };

    private static bool IsQuiet(IpcConnection connection)
        => connection.LiveExports <= 1 && connection.LiveImports <= 1 && connection.WorkerThreads <= 1;

    private static string Describe(IpcConnection connection)
        => $"exports {connection.LiveExports}, imports {connection.LiveImports}, workers {connection.WorkerThreads}";

    private static bool Wait(Func<bool> until)
    {
        long start = Stopwatch.GetTimestamp();
        while (!until())
        {
            if (Stopwatch.GetElapsedTime(start) > s_patience)
            {
                return false;
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(20);
        }

        return true;
    }

    private (long Calls, Exception? Failure) Call(IStress root)
    {
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        Exception? failure = null;
        var callers = Enumerable.Range(0, threads).Select(index => new StressCaller(root, seed + index)).ToArray();
        Thread[] running = [.. callers.Select(caller => new Thread(() =>
        {
            try
            {
                caller.Run(() => Stopwatch.GetTimestamp() > end || Volatile.Read(ref failure) is not null);
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, exception, null);
            }
        }))];
        Array.ForEach(running, thread => thread.Start());
        foreach (Thread thread in running)
        {
            if (!thread.Join(duration + s_patience))
            {
                failure ??= new StressFailure("A call did not end.");
            }
        }

        return (callers.Sum(caller => caller.Calls), failure);
    }

    private int Report((long Calls, Exception? Failure) result, Func<string> describe, Func<bool> isQuiet)
    {
        if (result.Failure is not null)
        {
            Console.WriteLine($"FAILED, seed {seed}: {result.Failure}");
            return 2;
        }

        bool quiet = Wait(isQuiet);
        Console.WriteLine($"{result.Calls:N0} calls by {threads} threads in {duration.TotalSeconds:N0} s, seed {seed}; afterwards {describe()}{(quiet ? string.Empty : " — LEAK")}");
        return quiet ? 0 : 2;
    }
}
