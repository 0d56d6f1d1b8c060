using System.Diagnostics;
using Multiprocess.CapnProto.Tests.Fuzz;

namespace Multiprocess.Fuzz;

/// <summary>Attacks the reading of Cap'n Proto messages for a given time, from a given seed on.</summary>
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
}
