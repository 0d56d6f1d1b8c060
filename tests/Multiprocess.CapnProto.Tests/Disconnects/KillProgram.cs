using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>
/// The processes that <see cref="KillMatrixTests"/> kills: this assembly, run as a program. It writes a line when it
/// serves, and when a method of its own rests.
/// </summary>
internal static class KillProgram
{
    /// <summary>The line of a server that can be connected to.</summary>
    public const string Serves = "serves";

    /// <summary>The line of a process whose method rests.</summary>
    public const string Rests = "rests";

    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(2);

    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["serve", string address]:
                using (CapnpServer.Listen<IActs>(address, _ => Say(new Acts())))
                {
                    Console.WriteLine(Serves);
                    Thread.Sleep(s_longest); // Until it is killed; not for ever, if the test was killed first.
                }

                return 1;
            case ["call", string name, string address]:
                Scenario scenario = Scenario.All.Single(one => one.Name == name);
                using (CapnpConnection connection = CapnpConnection.Connect(address))
                {
                    scenario.Run(new Caller(connection, Say(new Acts()), new Acts()));
                }

                return 1;
            default:
                Console.Error.WriteLine("Expected: serve ADDRESS, or call SCENARIO ADDRESS.");
                return 2;
        }
    }

    private static Acts Say(Acts acts)
    {
        _ = acts.Entered.Task.ContinueWith(_ => Console.WriteLine(Rests), TaskScheduler.Default);
        return acts;
    }
}
