//! amlock, the Azure Machine Learning keyring for the terminal. This page is the map.

pub mod app;
pub mod cli;
pub mod cloud;
pub mod demo;
pub mod domain;
pub mod tui;
pub mod view;
