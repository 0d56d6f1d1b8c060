using System.Diagnostics;
using Multiprocess.CapnProto.Tests.Fuzz;

namespace Multiprocess.Fuzz;

/// <summary>Attacks reading Cap'n Proto messages, or calls, for a given time, from a given seed on.</summary>
internal static class CapnpRun
{
    private const int InputsPerSeed = 10_000;

    /// <summary>Runs, prints the counts or what was found, and returns the exit code.</summary>
    public static int Run(int seed, TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        long inputs = 0;
        long refused = 0;
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            var fuzz = new MessageFuzz(seed);
            for (int i = 0; i < InputsPerSeed && Stopwatch.GetElapsedTime(start) < duration; i++)
            {
                if (fuzz.TryNext() is { } problem)
                {
                    Console.WriteLine($"Seed {seed}, input {i}: {problem}");
                    return 2;
                }
            }

            inputs += fuzz.Inputs;
            refused += fuzz.Refused;
            seed++;
        }

        Console.WriteLine($"{inputs} messages, {refused} refused, 0 problems");
        return 0;
    }

    /// <summary>Attacks calls: each seed is a session.</summary>
    public static int RunCalls(int seed, TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        var fuzz = new RpcFuzz();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            if (fuzz.TryAsync(seed).GetAwaiter().GetResult() is { } problem)
            {
                Console.WriteLine($"Seed {seed}: {problem}");
                return 2;
            }

            seed++;
        }

        Console.WriteLine($"{fuzz.Sessions} sessions, {fuzz.Refused} refused, 0 problems");
        return 0;
    }
}
