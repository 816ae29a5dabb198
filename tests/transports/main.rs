//! What every transport promises: one suite, run over each of them.
//!
//! A promise is a function that is given a [`Harness`] and listed in `promises!`; a transport is a line in `transports!`. Each
//! promise becomes a test of each transport: `http::a_call_is_answered`. A transport that cannot have a promise says why in its
//! harness.

mod addresses;
#[cfg(feature = "tcp")]
mod bare;
mod between;
mod calls;
mod errors;
mod harness;
mod headers;
mod late;
mod lost;
mod one_way;
mod service;
mod sizes;
mod stop;
#[cfg(all(unix, feature = "tcp"))]
mod unix_socket;
#[cfg(all(unix, feature = "tcp"))]
#[path = "../../examples/unix/transport/mod.rs"]
mod unix_transport;

use harness::Harness;

/// Makes each promise a test of the transport whose harness `harness()` is.
macro_rules! promises {
    ($($concept:ident: $($promise:ident),+;)+) => {
        macro_rules! tests {
            () => { $($(
                #[tokio::test]
                async fn $promise() {
                    let at = harness().await;
                    match at.exception(stringify!($promise)) {
                        Some(why) => eprintln!("EXCEPTED: {why}"),
                        None => crate::$concept::$promise(at).await,
                    }
                }
            )+)+ };
        }
        /// Their names.
        const PROMISES: &[&str] = &[$($(stringify!($promise)),+),+];
    };
}

promises! {
    calls:
        a_call_is_answered,
        a_typed_fault_comes_with_its_detail,
        text_of_any_script_arrives_as_it_was_sent,
        an_answer_without_a_value_is_an_answer,
        calls_at_the_same_time_get_their_own_answers,
        nothing_is_sent_before_the_first_poll,
        a_panic_is_a_fault_and_the_server_goes_on,
        a_handler_that_takes_too_long_is_a_fault_and_runs_on;
    one_way:
        a_one_way_call_does_not_wait_and_is_executed_once,
        a_one_way_call_that_is_refused_reaches_no_later_call;
    sizes:
        a_large_message_arrives_whole,
        a_message_over_the_limit_of_the_server_is_refused,
        an_answer_over_the_limit_of_the_client_is_refused;
    late:
        the_answer_to_a_call_that_timed_out_reaches_no_later_call,
        the_answer_to_a_call_that_was_dropped_reaches_no_later_call,
        a_handler_can_know_that_its_caller_has_left;
    stop:
        a_stop_answers_the_call_in_flight,
        a_stop_is_not_held_up_by_silent_clients,
        a_stop_past_its_deadline_ends_the_calls_in_flight,
        a_server_starts_again_on_its_address_at_once;
    addresses:
        servers_side_by_side_do_not_mix,
        a_server_tells_the_url_it_took,
        a_url_is_bound_once;
    errors:
        where_nobody_listens_is_no_connection,
        an_unknown_scheme_is_an_error_that_lists_the_known_ones,
        options_of_an_unknown_type_are_refused_by_name;
    lost:
        a_connection_lost_within_a_call_is_ambiguous,
        a_call_is_never_sent_twice,
        an_idempotent_call_is_sent_again_once,
        a_kept_connection_that_has_ended_is_not_used,
        a_call_that_is_refused_does_not_end_the_connection;
    headers:
        the_handler_knows_who_calls,
        the_raw_bytes_of_both_messages_are_kept,
        a_header_block_goes_both_ways,
        a_mandatory_block_not_understood_stops_the_call;
}

macro_rules! transports {
    ($($(#[$when:meta])* $transport:ident: $harness:expr;)+) => {
        $(
            $(#[$when])*
            mod $transport {
                async fn harness() -> crate::Harness {
                    $harness
                }

                #[tokio::test]
                async fn what_is_excepted_is_a_promise() {
                    for (promise, _) in harness().await.exceptions() {
                        assert!(crate::PROMISES.contains(promise), "{promise}");
                    }
                }

                tests!();
            }
        )+
    };
}

transports! {
    memory: crate::harness::memory();
    #[cfg(feature = "http")]
    http: crate::harness::built_in("http://127.0.0.1:0/promises");
    #[cfg(all(feature = "http", feature = "tls"))]
    https: crate::harness::with_tls("https://127.0.0.1:0/promises");
    #[cfg(feature = "tcp")]
    soap_tcp: crate::harness::built_in("soap.tcp://127.0.0.1:0");
    #[cfg(feature = "tcp")]
    tcp: crate::harness::unkept("tcp://127.0.0.1:0");
    #[cfg(all(feature = "tcp", feature = "tls"))]
    soap_tls: crate::harness::with_tls("soap.tls://127.0.0.1:0");
    #[cfg(feature = "udp")]
    soap_udp: crate::harness::datagrams("soap.udp://127.0.0.1:0/promises");
    #[cfg(all(unix, feature = "tcp"))]
    unix: crate::harness::unix();
}
