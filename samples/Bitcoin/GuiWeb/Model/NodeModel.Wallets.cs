using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;

namespace Bitcoin.GuiWeb.Model;

// The wallets, and the restart of their process when it is lost.
internal sealed partial class NodeModel
{
    /// <summary>How often a process is restarted automatically within <see cref="s_memory"/>.</summary>
    private const int MaxRevivals = 3;

    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(5);

    /// <summary>Long enough for the user to see the message.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    // Guarded by the gate.
    private IWalletLoader? _loader;
    private readonly Queue<long> _revivals = new();

    // By interlocked operations.
    private int _isReviving;

    /// <summary>The loaded wallets, sorted by name.</summary>
    internal ImmutableSortedDictionary<string, WalletModel> Wallets { get; private set; }
        = ImmutableSortedDictionary.Create<string, WalletModel>(StringComparer.Ordinal);

    /// <summary>Wallets that get their keys at this moment: no page shows them before they have them.</summary>
    internal ImmutableHashSet<string> Unfinished { get; private set; } = [];

    /// <summary>Why there are no wallets although the node runs; null if there are wallets.</summary>
    internal string? WalletsGone { get; private set; }

    /// <summary>Whether the process of the wallets is being restarted.</summary>
    internal bool IsReviving => Volatile.Read(ref _isReviving) != 0;

    /// <summary>The names of wallets that were loaded when their process was lost.</summary>
    internal ImmutableArray<string> LostWallets { get; private set; } = [];

    /// <summary>Makes a wallet in several steps, and shows it after the last one, also if a step fails.</summary>
    internal async Task Make(string wallet, Func<Task> steps)
    {
        lock (_gate)
        {
            Unfinished = Unfinished.Add(wallet);
        }

        try
        {
            await steps();
        }
        finally
        {
            lock (_gate)
            {
                Unfinished = Unfinished.Remove(wallet);
            }

            Changed?.Invoke();
        }
    }

    /// <summary>Notes a change of a wallet for which there is no notification.</summary>
    internal async Task Refresh(string name)
    {
        if (Wallets.TryGetValue(name, out WalletModel? wallet))
        {
            WalletBalances? balances = await Ask(_ => wallet.Wallet.GetBalances());
            Update(Generation(), wallet.Wallet, name, balances);
        }
    }

    /// <summary>Restarts the process of the wallets, and loads the wallets that were loaded before.</summary>
    /// <exception cref="NodeCallException">The process cannot be started.</exception>
    internal async Task RestartWallets()
    {
        if (Interlocked.Exchange(ref _isReviving, 1) != 0)
        {
            return;
        }

        Changed?.Invoke();
        try
        {
            await LoadLostWallets();
        }
        finally
        {
            Volatile.Write(ref _isReviving, 0);
            Changed?.Invoke();
        }
    }

    private async Task LoadLostWallets()
    {
        // Tries each wallet, because the first one may be the one that cannot be loaded.
        NodeCallException? failure = null;
        foreach (string name in LostWallets)
        {
            try
            {
                await Call("loadwallet", new JsonArray(name));
            }
            catch (NodeCallException exception)
            {
                failure = exception;
            }
        }

        if (failure is not null && WalletsGone is not null)
        {
            throw failure;
        }
    }

    [SuppressMessage(
        "Design", "CA1031", Justification = "Whatever the node answers: without wallets the page shows why.")]
    private void LookForWallets(int generation, INode node)
    {
        try
        {
            Attach(generation, node.WalletLoader());
        }
        catch (Exception exception)
        {
            Set(generation, () =>
            {
                LostWallets = Wallets.IsEmpty ? LostWallets : [.. Wallets.Keys];
                Wallets = Wallets.Clear();
                WalletsGone = exception.Message;
            });
            _ = Revive(generation);
        }
    }

    /// <summary>Restarts the process of the wallets. If it ends each time, the user decides.</summary>
    private async Task Revive(int generation)
    {
        lock (_gate)
        {
            long now = Environment.TickCount64;
            while (_revivals.TryPeek(out long first) && now - first > s_memory.TotalMilliseconds)
            {
                _revivals.Dequeue();
            }

            if (generation != _generation || LostWallets.IsEmpty || _revivals.Count == MaxRevivals)
            {
                return;
            }

            _revivals.Enqueue(now);
        }

        await Task.Delay(s_pause);
        try
        {
            // Another thread may have done it in the meantime.
            if (generation == Generation() && WalletsGone is not null)
            {
                await RestartWallets();
            }
        }
        catch (NodeCallException exception)
        {
            Set(generation, () => WalletsGone = exception.Message);
        }
    }

    private void Attach(int generation, IWalletLoader loader)
    {
        bool isNew = false;
        Set(generation, () =>
        {
            isNew = !ReferenceEquals(loader, _loader);
            _loader = loader;
            if (isNew)
            {
                // Wallets of an ended process send no notifications any more.
                LostWallets = Wallets.IsEmpty ? LostWallets : [.. Wallets.Keys];
                Wallets = Wallets.Clear();
            }

            WalletsGone = null;
        });
        if (isNew)
        {
            Keep(generation, loader.HandleLoadWallet(wallet => Show(generation, wallet)));
            loader.GetWallets().ForEach(wallet => Show(generation, wallet));
        }
    }

    private void Show(int generation, IWallet wallet)
    {
        string name = wallet.GetWalletName();
        bool isNew = false;
        Set(generation, () =>
        {
            // A wallet that is being loaded now is in the list and also notified.
            isNew = !Wallets.TryGetValue(name, out WalletModel? other) || !ReferenceEquals(other.Wallet, wallet);
            if (isNew)
            {
                Wallets = Wallets.SetItem(name, new WalletModel(name, wallet, null, 0));
                LostWallets = LostWallets.Remove(name);
            }
        });
        if (!isNew)
        {
            return;
        }

        Keep(generation, wallet.HandleBalancesChanged(balances => Update(generation, wallet, name, balances)));
        Keep(generation, wallet.HandleUnload(() => Set(generation, () =>
        {
            if (Wallets.TryGetValue(name, out WalletModel? known) && ReferenceEquals(known.Wallet, wallet))
            {
                Wallets = Wallets.Remove(name);
            }
        })));
        Update(generation, wallet, name, wallet.GetBalances());
    }

    private void Update(int generation, IWallet wallet, string name, WalletBalances balances)
    {
        Set(generation, () =>
        {
            if (Wallets.TryGetValue(name, out WalletModel? known) && ReferenceEquals(known.Wallet, wallet))
            {
                Wallets = Wallets.SetItem(name, known with { Balances = balances, Changes = known.Changes + 1 });
            }
        });
    }
}
