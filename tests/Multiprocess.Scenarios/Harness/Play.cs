namespace Multiprocess.Scenarios.Harness;

/// <summary>
/// Plays every scenario on an object of this process and on one of a child, and compares what was noted.
/// </summary>
public static class Play
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Prints what the object of this process did, so that programs can be compared by what they print.
    /// </summary>
    /// <returns>
    /// The exit code: 0, or 1 where the child does something else; what that is goes to the standard error.
    /// </returns>
    public static async Task<int> AllAsync(string program)
    {
        int wrong = 0;
        using var child = IpcChildProcess.Spawn<IWorkshop>(program);
        foreach (var scenario in Scenario.All)
        {
            string[] direct = await scenario.PlayAsync(new Workshop()).WaitAsync(s_patience);
            string[] remote = await scenario.PlayAsync(child.Root).WaitAsync(s_patience);
            if (direct.SequenceEqual(remote) != (scenario.Difference is null))
            {
                wrong++;
                await Console.Error.WriteLineAsync(
                    $"{scenario.Name}:\n  here  {string.Join("\n        ", direct)}\n  there {string.Join("\n        ", remote)}");
            }

            Console.WriteLine(scenario.Name);
            Array.ForEach(direct, note => Console.WriteLine("  " + note));
        }

        return wrong == 0 ? 0 : 1;
    }
}
