using Bitcoin.Interfaces;
using Multiprocess;

namespace Bitcoin.Gui.Tests.Support;

/// <summary>The wallets of a <see cref="FakeNode"/>.</summary>
internal sealed class FakeWallets : IWalletLoader
{
    private readonly List<Action<IWallet>> _loaded = [];

    internal List<IWallet> Loaded { get; } = [];

    public void RegisterRpcs()
    {
    }

    public bool Load(out string? error)
    {
        error = null;
        return true;
    }

    public WalletResult CreateWallet(string name, SecretString passphrase, out List<string> warnings)
    {
        warnings = [];
        return new WalletLoaded(Add(name));
    }

    public WalletResult LoadWallet(string name, out List<string> warnings)
    {
        warnings = [];
        return new WalletLoaded(Add(name));
    }

    public WalletMigration MigrateWallet(string name, SecretString passphrase)
        => new(null, "", "There is nothing to migrate.");

    public string GetWalletDir() => "/nowhere";

    public List<(string Name, string Format)> ListWalletDir() => [("old", "sqlite")];

    public List<IWallet> GetWallets() => [.. Loaded];

    public void MockScheduler(TimeSpan delta)
    {
    }

    public IHandler HandleLoadWallet(Action<IWallet> loaded) => Handler.Of(_loaded, loaded);

    public void Dispose()
    {
    }

    internal FakeWallet Add(string name)
    {
        FakeWallet wallet = new(name);
        Loaded.Add(wallet);
        _loaded.ToList().ForEach(tell => tell(wallet));
        return wallet;
    }
}
