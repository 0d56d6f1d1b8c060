using Bitcoin.Interfaces;

namespace Bitcoin.GuiWeb.Model;

/// <summary>Says what happened, and what to do about it.</summary>
internal static class Explanation
{
    internal static string Of(NodeCallException exception, Session session)
    {
        string? advice = exception.Code switch
        {
            NodeCallException.Unreachable
                => session.T("The node does not answer. This page shows it again by itself once it is back."),
            RpcErrorCode.WalletUnlockNeeded => session.T("The wallet is locked. Enter its passphrase."),
            RpcErrorCode.WalletPassphraseIncorrect => session.T("The passphrase is wrong. Enter it again."),
            RpcErrorCode.WalletInsufficientFunds
                => session.T("There is not enough to spend. Send less, or let the recipient pay the fee."),
            _ => null,
        };
        return advice is null ? exception.Message : $"{advice} ({exception.Message})";
    }
}
