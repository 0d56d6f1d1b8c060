using Microsoft.Extensions.Logging;

namespace Company.Ipc1;

/// <summary>
/// An ordinary class. Some of its callers are in other processes. The host also writes the log of this class.
/// </summary>
public sealed class Greeter(ILogger<Greeter> logger) : IGreeter
{
    private readonly List<Action<string>> _watchers = [];

    public string Greet(string name)
    {
        string greeting = $"Hello {name}";
        Action<string>[] watchers;
        lock (_watchers)
        {
            watchers = [.. _watchers];
        }

        Array.ForEach(watchers, watcher => watcher(greeting));
        logger.LogInformation("Greeted {Name}.", name);
        return greeting;
    }

    public IDisposable Watch(Action<string> onGreeting)
    {
        lock (_watchers)
        {
            _watchers.Add(onGreeting);
        }

        return new Watching(this, onGreeting);
    }

    private sealed class Watching(Greeter greeter, Action<string> watcher) : IDisposable
    {
        public void Dispose()
        {
            lock (greeter._watchers)
            {
                greeter._watchers.Remove(watcher);
            }
        }
    }
}
