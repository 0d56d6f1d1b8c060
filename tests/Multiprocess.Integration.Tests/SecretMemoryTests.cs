using System.Text;
using System.Text.Json.Nodes;
using Multiprocess.Stress;

namespace Multiprocess.Integration.Tests;

/// <summary>
/// After a call, the memory of both processes is searched for the secret that it carried: also the memory that both
/// share, where the call went through it.
/// </summary>
[Platform("Linux")]
[CancelAfter(240_000)]
[TestFixture(IpcLocalTransport.Socket)]
[TestFixture(IpcLocalTransport.Memory)]
public sealed class SecretMemoryTests(IpcLocalTransport transport)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Test]
    public void The_search_finds_what_is_there()
    {
        var marker = new SecretMarker();
        char[] text = new char[SecretMarker.Length];
        marker.Reveal(text);
        byte[] utf8 = Encoding.UTF8.GetBytes(text);

        Assert.That(marker.Find(Environment.ProcessId, Encoding.UTF8), Is.Not.Empty);
        Assert.That(marker.Find(Environment.ProcessId, Encoding.Unicode), Is.Not.Empty);
        GC.KeepAlive(utf8);
    }

    [Test]
    public void The_search_looks_into_shared_memory_too()
    {
        var marker = new SecretMarker();
        char[] text = new char[SecretMarker.Length];
        marker.Reveal(text);
        using IpcChildProcess<IStress> child = Spawn();

        // Not sensitive, so nobody wipes it.
        byte[] carried = Encoding.UTF8.GetBytes(text);
        child.Root.Reverse(carried);

        Assert.That(
            marker.Find(child.Id, Encoding.UTF8).Exists(place => place.Contains("memfd:", StringComparison.Ordinal)),
            Is.EqualTo(transport == IpcLocalTransport.Memory));
        AssertUses(child);
    }

    [Test]
    public void A_secret_is_in_the_memory_of_neither_process_once_both_have_disposed_it([Values(1, 200)] int calls)
    {
        var marker = new SecretMarker();
        using IpcChildProcess<IStress> child = Spawn();

        Confide(child.Root, marker, calls);

        AssertUses(child);
        AssertGone(marker, Environment.ProcessId, Encoding.UTF8, Encoding.Unicode);
        AssertGone(marker, child.Id, Encoding.UTF8, Encoding.Unicode);
    }

    [Test]
    public void Of_a_sensitive_string_no_message_is_left([Values(0, 5_000, 200_000)] int padding)
    {
        var marker = new SecretMarker();
        using IpcChildProcess<IStress> child = Spawn();

        ConfideText(child.Root, marker, padding);

        AssertUses(child);
        AssertGone(marker, Environment.ProcessId, Encoding.UTF8);
        AssertGone(marker, child.Id, Encoding.UTF8);
    }

    [Test]
    public void Of_sensitive_json_the_sender_has_no_bytes_left()
    {
        var marker = new SecretMarker();
        using IpcChildProcess<IStress> child = Spawn();

        ConfideJson(child.Root, marker);

        AssertUses(child);
        // What the receiver parsed is its JsonNode's own, which nobody can wipe.
        AssertGone(marker, Environment.ProcessId, Encoding.UTF8);
    }

    [Test]
    public void A_call_that_is_refused_leaves_no_secret_with_who_refused_it()
    {
        var marker = new SecretMarker();
        using IpcChildProcess<IStress> child = Spawn();

        using (IpcTestPair<IStress> pair = IpcTestPair.Create<IStress>(
            new StressTarget(null!),
            new IpcTestPairOptions
            {
                Transport = IpcTestTransport.SocketPair,
                Server = new IpcConnectionOptions { Limits = new IpcLimits { MaxThreads = 1 } }
            }))
        {
            pair.Root.Add(1, 2);
            var refused = new Thread(
                () => Assert.That(() => Confide(pair.Root, marker, 1), Throws.InstanceOf<IpcException>()));
            refused.Start();
            Assert.That(refused.Join(s_patience), Is.True);
        }

        AssertGone(marker, Environment.ProcessId, Encoding.UTF8);
    }

    private IpcChildProcess<IStress> Spawn()
    {
        IpcChildProcess<IStress> child = IpcChildProcess.Spawn<IStress>(
            StressProgram.Path, new IpcSpawnOptions { ConnectTimeout = s_patience, LocalTransport = transport });
        bool moved = SpinWait.SpinUntil(
            () => child.Root.Add(1, 1) == 2
                && (transport == IpcLocalTransport.Socket || child.Connection.Core.IsInMemory),
            s_patience);
        Assert.That(moved, Is.True, "The connection did not move into memory.");
        return child;
    }

    /// <summary>The memory that was searched must be the one that carried the calls.</summary>
    private void AssertUses(IpcChildProcess<IStress> child)
        => Assert.That(child.Connection.Core.IsInMemory, Is.EqualTo(transport == IpcLocalTransport.Memory));

    // Each in a method of its own, so that no register or slot of the test's frame has the text.
    private static void Confide(IStress root, SecretMarker marker, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            char[] text = GC.AllocateArray<char>(SecretMarker.Length, pinned: true);
            marker.Reveal(text);
            using var secret = new SecretString(text);
            Array.Clear(text);
            Assert.That(root.Confide(secret), Is.EqualTo(SecretMarker.Length));
        }
    }

    private static void ConfideText(IStress root, SecretMarker marker, int padding)
    {
        string text = string.Create(SecretMarker.Length + padding, marker, static (span, marker) =>
        {
            span.Fill('.');
            marker.Reveal(span);
        });
        for (int i = 0; i < 20; i++)
        {
            Assert.That(root.ConfideText(text), Is.EqualTo(text.Length));
        }
    }

    private static void ConfideJson(IStress root, SecretMarker marker)
    {
        string text = string.Create(SecretMarker.Length, marker, static (span, marker) => marker.Reveal(span));
        Assert.That(root.ConfideJson(JsonValue.Create(text)), Is.EqualTo(text.Length));
    }

    private static void AssertGone(SecretMarker marker, int processId, params Encoding[] encodings)
    {
        foreach (Encoding encoding in encodings)
        {
            // The other side may still be giving the last message back.
            List<string> found = marker.Find(processId, encoding);
            for (int attempt = 0; found.Count > 0 && attempt < 3; attempt++)
            {
                found = marker.Find(processId, encoding);
            }

            Assert.That(found, Is.Empty, $"{encoding.EncodingName} in process {processId}");
        }
    }
}
