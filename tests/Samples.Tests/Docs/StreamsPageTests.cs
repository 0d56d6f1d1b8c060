using System.Runtime.CompilerServices;
using Multiprocess;

namespace Samples.Tests.Docs;

[IpcInterface]
public interface IArchive
{
    IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken = default);

    Stream Open(string name);

    IDisposable Watch(Action<string> onAdded);

    void Add(string name, Stream content);
}

/// <summary>Runs what docs/streams-and-events.md shows.</summary>
public sealed class StreamsPageTests
{
    [Test]
    public async Task Sequences_streams_and_callbacks_cross()
    {
        using var pair = IpcTestPair.Create<IArchive>(new Archive());
        IArchive archive = pair.Root;
        List<string> added = [];

        using (archive.Watch(name => added.Add(name)))
        {
            archive.Add("a.txt", new MemoryStream("hello"u8.ToArray()));
        }

        await foreach (string name in archive.ListAsync("a"))
        {
            using var reader = new StreamReader(archive.Open(name));
            Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("hello"));
        }

        Assert.That(added, Is.EqualTo(new[] { "a.txt" }));
    }

    private sealed class Archive : IArchive
    {
        private readonly Dictionary<string, byte[]> _files = [];
        private Action<string>? _watchers;

        public async IAsyncEnumerable<string> ListAsync(
            string prefix, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (string name in _files.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return name;
                await Task.Yield();
            }
        }

        public Stream Open(string name) => new MemoryStream(_files[name]);

        public IDisposable Watch(Action<string> onAdded)
        {
            _watchers += onAdded;
            return new Subscription(() => _watchers -= onAdded);
        }

        public void Add(string name, Stream content)
        {
            using var copy = new MemoryStream();
            content.CopyTo(copy);
            _files.Add(name, copy.ToArray());
            _watchers?.Invoke(name);
        }

        private sealed class Subscription(Action end) : IDisposable
        {
            public void Dispose() => end();
        }
    }
}
