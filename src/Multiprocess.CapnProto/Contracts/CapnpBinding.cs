using System.ComponentModel;
using System.Runtime.CompilerServices;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Generated;

/// <summary>Registers the generated code of contracts.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class CapnpBinding
{
    /// <summary>Registers the code of a contract. Called by generated code.</summary>
    /// <param name="makeProxy">Creates the proxy, or the delegate that calls it.</param>
    /// <param name="makeStub">Creates the stub.</param>
    /// <param name="interfaceId">The interface that has <paramref name="construct"/>.</param>
    /// <param name="construct">The ordinal of <c>construct</c>; -1 for none.</param>
    public static void Register<T>(
        Func<CapnpProxyOrigin, T> makeProxy, Func<T, CapnpStub<T>> makeStub, ulong interfaceId, int construct)
        where T : class
        => CapnpBinding<T>.Register(new(makeProxy, makeStub, interfaceId, construct));
}

/// <summary>The generated code of one contract, and the identities of its objects.</summary>
internal sealed class CapnpBinding<T>(
    Func<CapnpProxyOrigin, T> makeProxy, Func<T, CapnpStub<T>> makeStub, ulong interfaceId, int construct)
    where T : class
{
    private static CapnpBinding<T>? s_registered;

    // Guards the tables. Taken before the gate.
    private readonly Lock _lock = new();
    private readonly ConditionalWeakTable<T, CapnpStub<T>> _stubs = [];

    // Weak, because the peer's objects stay in their connection's table as long as the proxy has not released them.
    private readonly ConditionalWeakTable<Capability, WeakReference<object>> _proxies = [];

    /// <exception cref="NotSupportedException">The type is not a contract.</exception>
    public static CapnpBinding<T> Instance
    {
        get
        {
            if (Volatile.Read(ref s_registered) is null)
            {
                RuntimeHelpers.RunModuleConstructor(typeof(T).Module.ModuleHandle);
            }

            return Volatile.Read(ref s_registered) ?? throw new NotSupportedException(
                $"{typeof(T)}: Expected a contract of Cap'n Proto, got a type without [CapnpInterface], or one whose "
                    + "assembly was built without the generator.");
        }
    }

    /// <summary>
    /// The first registration stays: several assemblies may have code for one delegate type, and its objects must have
    /// one identity.
    /// </summary>
    public static void Register(CapnpBinding<T> binding)
        => Interlocked.CompareExchange(ref s_registered, binding, null);

    /// <summary>The stub of an object: always the same one, so that the object is always the same reference.</summary>
    public CapnpStub<T> StubOf(T target)
    {
        lock (_lock)
        {
            if (!_stubs.TryGetValue(target, out CapnpStub<T>? stub) || stub.IsDestroyed)
            {
                stub = makeStub(target);
                _stubs.AddOrUpdate(target, stub);
            }

            return stub;
        }
    }

    /// <summary>Called when no peer refers to the object any more.</summary>
    public void Forget(T target)
    {
        lock (_lock)
        {
            _stubs.Remove(target);
        }
    }

    /// <summary>
    /// The proxy of a reference, which it takes over. The same object of a peer has the same proxy, as long as that is
    /// in use.
    /// </summary>
    public T ProxyOf(CapnpReference reference, CapnpSession? session)
    {
        Capability identity;
        lock (Gate.Lock)
        {
            identity = reference.Held.Current;
        }

        lock (_lock)
        {
            if (_proxies.TryGetValue(identity, out WeakReference<object>? known)
                && known.TryGetTarget(out object? target)
                && CapnpProxy.Behind(target) is { IsDisposed: false })
            {
                reference.Dispose();
                return (T)target;
            }

            T made = makeProxy(new(reference, session));

            // A delegate is only weakly reachable through its own proxy's user; its identity is that of its target.
            _proxies.AddOrUpdate(identity, new WeakReference<object>(made));
            return made;
        }
    }

    /// <summary>The proxy of a connection's root.</summary>
    public T RootOf(CapnpReference reference, CapnpSession session)
    {
        T root = makeProxy(new(reference, session));
        if (construct >= 0)
        {
            CapnpProxy.Behind(root)!.Construct(interfaceId, (ushort)construct);
        }

        return root;
    }
}
