using Bitcoin.Functional.Support;

namespace Bitcoin.Tests;

/// <summary>
/// A test with processes and a directory of its own. After each: no process, no zombie and no socket is left.
/// </summary>
[Platform("Linux")]
internal abstract class HostTest
{
    protected string Root { get; private set; }

    protected string DataDirectory => $"-datadir={Root}";

    /// <summary>Whether a node was killed, which leaves its socket to the next one.</summary>
    protected bool WasKilled { get; set; }

    [SetUp]
    public void Prepare()
    {
        Root = Directory.CreateTempSubdirectory("bitcoin-").FullName;
        HostProgram.Mark = Guid.NewGuid().ToString();
        WasKilled = false;
    }

    [TearDown]
    public void LookForWhatIsLeft()
    {
        try
        {
            using (Assert.EnterMultipleScope())
            {
                Assert.That(
                    SpinWait.SpinUntil(
                        static () => ProcessMark.Living(HostProgram.Mark).Count == 0, NodeFixture.Patience),
                    Is.True,
                    "orphans");
                Assert.That(ProcessMark.Zombies([Environment.ProcessId]), Is.Empty, "not reaped");
                Assert.That(
                    WasKilled ? [] : Directory.GetFiles(Root, "*.sock", SearchOption.AllDirectories),
                    Is.Empty,
                    "sockets left behind");
            }
        }
        finally
        {
            ProcessMark.Living(HostProgram.Mark).ForEach(static left => Host.Send("KILL", left));
            Directory.Delete(Root, recursive: true);
        }
    }
}
