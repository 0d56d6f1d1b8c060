using Bitcoin.Interfaces;

namespace Bitcoin.Rpc;

/// <summary>Errors that several places use.</summary>
public static class RpcErrors
{
    /// <summary>Several wallets are loaded, and the call does not name one.</summary>
    public static RpcException WalletNotSpecified() => new(
        RpcErrorCode.WalletNotSpecified,
        "Multiple wallets are loaded. Please select which wallet to use by requesting the RPC through the /wallet/<walletname> URI path.");
}
